using DropoutLab.Backends.Reference;
using DropoutLab.Data;
using DropoutLab.Data.Images;
using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Models;
using DropoutLab.Objectives;
using DropoutLab.Tests.Definitions;
using DropoutLab.Training;

namespace DropoutLab.Tests.Dropout;

public sealed class MaskSharingTests
{
    public static TheoryData<string, MaskSharing> Texts => new()
    {
        { "per-datum", MaskSharing.PerDatum },
        { "pair", MaskSharing.Pair },
        { "per-minibatch", MaskSharing.PerMinibatch },
        { "channel", MaskSharing.Channel },
        { "shape:*,1,1,*", MaskSharing.Shape(null, 1, 1, null) },
        { "shape:1,*", MaskSharing.Shape(1, null) },
        { "shape:100,16,1,32", MaskSharing.Shape(100, 16, 1, 32) },
    };

    [Theory, MemberData(nameof(Texts))]
    public void ATextAndASharingAreOne(string text, MaskSharing sharing)
    {
        Assert.Equal(sharing, MaskSharing.Parse(text));
        Assert.Equal(sharing.GetHashCode(), MaskSharing.Parse(text).GetHashCode());
        Assert.Equal(text, sharing.ToString());
    }

    [Fact]
    public void DifferentTextsAreDifferentSharings()
    {
        string[] texts = ["per-datum", "pair", "per-minibatch", "channel", "shape:*,1", "shape:1,*", "shape:*,1,*", "shape:*,7"];
        Assert.Equal(texts.Length, texts.Select(MaskSharing.Parse).Distinct().Count());
    }

    [Theory]
    [InlineData("per-batch")]
    [InlineData("")]
    [InlineData("Channel")]
    [InlineData("shape")]
    [InlineData("shape:")]
    [InlineData("shape:*,")]
    [InlineData("shape:*,0")]
    [InlineData("shape:*,-1")]
    [InlineData("shape:*, 1")]
    [InlineData("shape:*,1.0")]
    [InlineData("shape:*,99999999999")]
    public void AnUnknownSharingIsRefusedWithTheKnownOnes(string text)
    {
        DropoutLabException error = Assert.Throws<DropoutLabException>(() => MaskSharing.Parse(text));
        Assert.StartsWith(
            $"mask sharing '{text}' is unknown: use per-datum, pair, per-minibatch, channel or shape:E,E,…, ", error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void AShapeThatIsNoneIsRefused()
    {
        Assert.Throws<DropoutLabException>(() => MaskSharing.Shape());
        Assert.Throws<DropoutLabException>(() => MaskSharing.Shape(null, 0));
        Assert.Throws<DropoutLabException>(() => MaskSharing.Shape(-1));
    }

    [Theory]
    [InlineData("per-datum", 7u)]
    [InlineData("pair", 3u)]
    [InlineData("per-minibatch", 0u)]
    [InlineData("channel", 7u)]
    [InlineData("shape:*,1,1,*", 7u)]
    [InlineData("shape:10,1,1,*", 7u)]
    [InlineData("shape:1,1,1,*", 0u)]
    public void DataDrawTheirOwnOrThatOfDatum0(string text, uint drawn) =>
        Assert.Equal(drawn, MaskSharing.Parse(text).DrawnDatum(7));

    [Theory]
    [InlineData("shape:*,1,1,*", "the input of fc1, [5, 36]: it has 4 entries for 2 axes")]
    [InlineData("shape:*,1", "the input of conv2, [5, 3, 3, 5]: it has 2 entries for 4 axes")]
    [InlineData("shape:*,3,2,*", "the input of conv2, [5, 3, 3, 5]: entry 2 must be 1, * or the axis's length, 3")]
    [InlineData("shape:6,*,*,*", "the input of conv2, [5, 3, 3, 5]: entry 6 must be 1, * or the axis's length, 5")]
    public void AShapeThatDoesNotFitIsRefusedWhenTheNetworkIsBuilt(string sharing, string why)
    {
        DropoutSettings dropout = new(DropoutRule.Standard(0.3), SiteSelection.All, MaskSharing.Parse(sharing));
        DropoutLabException error = Assert.Throws<DropoutLabException>(() => SmallNetworks.Convolutional.Build(5, dropout));
        Assert.Equal($"mask sharing {sharing} does not fit {why}", error.Message);
    }

    [Fact]
    public void AMaskOfAGraphMadeByHandIsCheckedToo()
    {
        MaskSource source = new(Layer: 0, Which: 0, DropProbability: 0.5, MaskSharing.Shape(null, 1));
        DropoutLabException error = Assert.Throws<DropoutLabException>(() => Operations.DrawMask(source, new Shape(2, 3, 4)));
        Assert.Equal("mask sharing shape:*,1 does not fit DrawMask, [2, 3, 4]: it has 2 entries for 3 axes", error.Message);
    }

    /// <summary>Eleven images in batches of four: the last step has three, which a batch of four does not fit.</summary>
    [Fact]
    public void AShapeThatTheLastStepDoesNotFitIsRefusedBeforeTheFirst()
    {
        Network network = SmallNetworks.Dense;
        ImageSet images = new(3, 2, 2, new byte[11 * 12], new byte[11]);
        ImageDataset data = new("made up", ["a", "b", "c", "d"], images, images);
        using ReferenceBackend backend = new(1);
        using Trainer fits = Trainer("shape:*,1");
        DropoutLabException error = Assert.Throws<DropoutLabException>(() => Trainer("shape:4,1"));
        Assert.Equal("mask sharing shape:4,1 does not fit the input of fc2, [3, 7]: entry 4 must be 1, * or the axis's length, 3",
            error.Message);

        Trainer Trainer(string sharing) => new(
            network, new CrossEntropy(), data.Batches(PixelScaling.MeanImage),
            new TrainingOptions
            {
                BatchSize = 4,
                Dropout = new(DropoutRule.Standard(0.3), SiteSelection.All, MaskSharing.Parse(sharing)),
            },
            backend);
    }
}
