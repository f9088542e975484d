using DropoutLab.Auditing;
using DropoutLab.Backends;
using DropoutLab.Dropout;
using DropoutLab.Models;

namespace DropoutLab.Tests.Definitions;

/// <summary>
/// A site with a ratio of its own has what the rule with that ratio draws there; the other sites have what they had.
/// </summary>
public sealed class RatioOfASiteTests
{
    private static readonly Network Network = SmallNetworks.Convolutional;

    [Theory]
    [InlineData("standard:0.5", "standard:0.2")]
    [InlineData("forward:0.5", "forward:0.2")]
    [InlineData("backward:0.5", "backward:0.2")]
    [InlineData("augmented:0.5/0.1", "augmented:0.2/0.1")]
    [InlineData("augmented-independent:0.5/0.1", "augmented-independent:0.2/0.1")]
    [InlineData("standard:0..0.5@6", "standard:0.2")]
    [InlineData("standard:0", "standard:0.2")]
    public void ItHasTheMasksOfTheRuleWithThatRatio(string rule, string there)
    {
        IReadOnlyList<LayerAudit> mixed = Audit(rule, ["*", "conv2=0.2"]), same = Audit(rule, ["*"]), other = Audit(there, ["*"]);

        Assert.Equal(["conv1", "conv2", "conv3", "fc1"], mixed.Select(layer => layer.Name));
        foreach ((int i, LayerAudit layer) in mixed.Index())
        {
            LayerAudit expected = layer.Name == "conv2" ? other[i] : same[i];
            Assert.Equal(expected.ForwardFactor.Values, layer.ForwardFactor.Values);
            Assert.Equal(expected.BackwardFactor.Values, layer.BackwardFactor.Values);
        }

        Assert.NotEqual(same[1].ForwardFactor.Values.Concat(same[1].BackwardFactor.Values),
            mixed[1].ForwardFactor.Values.Concat(mixed[1].BackwardFactor.Values));
    }

    private static IReadOnlyList<LayerAudit> Audit(string rule, SiteSelection sites)
    {
        using Backend backend = TestBackends.Reference();
        StepInput input = MadeUpInput.Minibatch(Network, 4, seed: 5) with { Step = 3 };
        return StepAudit.Run(Network, new DropoutSettings(DropoutRule.Parse(rule), sites, MaskSharing.PerDatum), input, backend,
            Precision.Float64).Layers;
    }
}
