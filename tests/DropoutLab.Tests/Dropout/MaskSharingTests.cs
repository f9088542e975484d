using DropoutLab.Dropout;

namespace DropoutLab.Tests.Dropout;

public sealed class MaskSharingTests
{
    [Fact]
    public void ATextAndASharingAreOne()
    {
        Assert.Equal(MaskSharing.PerDatum, MaskSharing.Parse("per-datum"));
        Assert.Equal("per-datum", MaskSharing.PerDatum.ToString());
        Assert.Equal(MaskSharing.PerMinibatch, MaskSharing.Parse("per-minibatch"));
        Assert.Equal("per-minibatch", MaskSharing.PerMinibatch.ToString());
    }

    [Fact]
    public void AnUnknownSharingIsRefusedWithTheKnownOnes()
    {
        DropoutLabException error = Assert.Throws<DropoutLabException>(() => MaskSharing.Parse("per-batch"));
        Assert.Equal("mask sharing 'per-batch' is unknown: use per-datum or per-minibatch", error.Message);
    }

    [Fact]
    public void DataDrawTheirOwnOrThatOfDatum0()
    {
        Assert.Equal(7u, MaskSharing.PerDatum.DrawnDatum(7));
        Assert.Equal(0u, MaskSharing.PerMinibatch.DrawnDatum(7));
    }
}
