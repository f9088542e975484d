using DropoutLab.Dropout;

namespace DropoutLab.Tests.Dropout;

public sealed class MaskSharingTests
{
    [Fact]
    public void A_text_and_a_sharing_are_one()
    {
        Assert.Equal(MaskSharing.PerDatum, MaskSharing.Parse("per-datum"));
        Assert.Equal("per-datum", MaskSharing.PerDatum.ToString());
        Assert.Equal(MaskSharing.PerMinibatch, MaskSharing.Parse("per-minibatch"));
        Assert.Equal("per-minibatch", MaskSharing.PerMinibatch.ToString());
    }

    [Fact]
    public void An_unknown_sharing_is_refused_with_the_known_ones()
    {
        DropoutLabException error = Assert.Throws<DropoutLabException>(() => MaskSharing.Parse("per-batch"));
        Assert.Equal("mask sharing 'per-batch' is unknown: use per-datum or per-minibatch", error.Message);
    }

    [Fact]
    public void Data_draw_their_own_or_that_of_datum_0()
    {
        Assert.Equal(7u, MaskSharing.PerDatum.DrawnDatum(7));
        Assert.Equal(0u, MaskSharing.PerMinibatch.DrawnDatum(7));
    }
}
