using DropoutLab.Auditing;
using DropoutLab.Dropout;
using DropoutLab.Explanations;

namespace DropoutLab.Tests.Explain;

/// <summary>What an explanation computes is what it says: held against closed forms that know nothing of the engine.</summary>
public sealed class ExplanationTests
{
    private const double Rounding = 1e-14;

    [Theory]
    [InlineData(1, 3, "standard:0.5")]
    [InlineData(2, 8, "standard:0.3")]
    [InlineData(3, 1, "standard:0.5")]
    [InlineData(4, 5, "standard:0")]
    [InlineData(5, 4, "none")]
    [InlineData(6, 8, "standard:0.95")]
    public void SeparateNetworksGiveTheGradientOfTheBatch(ulong seed, int batchSize, string rule)
    {
        Explanation explanation = Compute(seed, batchSize, rule);

        Assert.InRange(explanation.Thinned.LargestDifference, 0, Rounding);
        Assert.InRange(explanation.Thinned.LargestBiasDifference, 0, Rounding);
        Assert.All(explanation.Thinned.ExpectedDifference.Values, value => Assert.Equal(0, value));
    }

    [Theory]
    [InlineData("none", true)]
    [InlineData("standard:0.5", true)]
    [InlineData("forward:0.5", false)]
    [InlineData("forward:0", true)]
    [InlineData("backward:0.1", false)]
    [InlineData("augmented:0.3/0.1", false)]
    [InlineData("augmented:0.3/0", true)]
    [InlineData("augmented-independent:0.3/0.1", false)]
    public void OneMaskInBothPassesIsThatOfTheRuleAndItsRatios(string rule, bool same) =>
        Assert.Equal(same, Compute(seed: 1, batchSize: 4, rule).SameMaskInBothPasses);

    [Fact]
    public void ADatumWithoutFeaturesHasANetworkOfBiases()
    {
        Explanation explanation = Compute(seed: 6, batchSize: 8, "standard:0.95");

        ThinnedGradient empty = explanation.Thinned.Networks.First(network => network.KeptFeatures.Count == 0);
        Assert.All(empty.WeightGradient.Values, value => Assert.Equal(0, value));
        Assert.Contains(empty.BiasGradient.Values, value => value != 0);
    }

    [Theory]
    [InlineData("forward:0.5")]
    [InlineData("backward:0.5")]
    [InlineData("augmented:0.5/0.4")]
    [InlineData("augmented-independent:0.5/0.4")]
    public void WithDifferentMasksTheDifferenceIsWhatTheFormulaSays(string rule)
    {
        ThinnedComparison comparison = Compute(seed: 1, batchSize: 4, rule).Thinned;

        Assert.InRange(comparison.LargestDifference, 0.01, 100);
        Assert.InRange(comparison.LargestDeviation, 0, Rounding);
    }

    [Theory]
    [InlineData("standard:0.5")]
    [InlineData("forward:0.25")]
    [InlineData("backward:0.25")]
    public void StepsFollowTheClosedForm(string rule)
    {
        Explanation explanation = Compute(seed: 11, batchSize: 5, rule);

        AssertFollowsTheClosedForm(explanation.MaskPerDatum, explanation.Example.Labels);
        AssertFollowsTheClosedForm(explanation.MaskPerMinibatch, explanation.Example.Labels);
        AssertFollowsTheClosedForm(explanation.BatchOfOne, explanation.Example.Labels[..1]);
        Assert.All(explanation.Rules, step => AssertFollowsTheClosedForm(step.Layer, explanation.Example.Labels));
    }

    [Theory]
    [InlineData("standard:0.5", "x1:2.3=0,x1:2.4=1,h1:1.1=0", 0.0, 2.0, 0.0, 2.0)]
    [InlineData("forward:0.5", "x1:2.3=0,x1:2.4=1,h1:1.1=0", 0.0, 2.0, 1.0, 1.0)]
    [InlineData("backward:0.5", "x1:2.3=0,x1:2.4=1,h1:1.1=0", 1.0, 1.0, 0.0, 2.0)]
    [InlineData("augmented:0.5/0.75", "x1:2.3=1,x2:2.3=1,x1:2.4=1,x2:2.4=0,h1:1.1=0,h2:1.1=1", 2.0, 2.0, 8.0, 0.0)]
    [InlineData("augmented-independent:0.5/0.75", "x1:2.3=0,x2:2.3=1,x1:2.4=1,x2:2.4=0,h1:1.1=0", 0.0, 2.0, 4.0, 0.0)]
    public void ElementsThatAreGivenAreThoseOfTheStep(string rule, string masks, params double[] expected)
    {
        Explanation drawn = Compute(seed: 1, batchSize: 3, rule), explanation = Explanation.Compute(
            new ExplanationSettings(1, 3, DropoutRule.Parse(rule)) { MaskElements = MaskElement.ParseList(masks) });
        LayerAudit audit = explanation.MaskPerDatum.Audit, before = drawn.MaskPerDatum.Audit;

        // Those of datum 2, features 3 and 4, in both passes; all others are the drawn ones.
        double[] found = [.. audit.ForwardFactor.Values[8..10], .. audit.BackwardFactor.Values[8..10]];
        Assert.Equal(expected, found);
        Assert.Equal(before.ForwardFactor.Values[..8], audit.ForwardFactor.Values[..8]);
        Assert.Equal(before.BackwardFactor.Values[10..], audit.BackwardFactor.Values[10..]);
        Assert.Equal(0, explanation.Rules[1].Layer.Audit.ForwardFactor.Values[0]);
        AssertFollowsTheClosedForm(explanation.MaskPerDatum, explanation.Example.Labels);
        Assert.InRange(explanation.Thinned.LargestDeviation, 0, Rounding);
    }

    [Fact]
    public void AnElementOfDatum1IsEveryonesWhereAllShareAMask()
    {
        Explanation explanation = Explanation.Compute(new ExplanationSettings(1, 3, DropoutRule.Standard(0.5))
        {
            MaskElements = MaskElement.ParseList("x1:1.6=1,x1:2.1=0"),
        });

        double[] factors = explanation.MaskPerMinibatch.Audit.ForwardFactor.Values;
        Assert.All((int[])[5, 11, 17], place => Assert.Equal(2, factors[place]));
        Assert.Equal(factors[0], factors[6]);
    }

    [Theory]
    [InlineData("x1:2.3", "'x1:2.3' is not an element")]
    [InlineData("x3:1.1=0", "'x3:1.1=0' is not an element")]
    [InlineData("x1:1.7=0", "feature 7 of x, which has 1 to 6")]
    [InlineData("x1:1.1=0,h2:1.5=1", "feature 5 of h, which has 1 to 4")]
    [InlineData("x1:4.1=0", "datum 4: the batch has 1 to 3")]
    public void AnElementThatNoMaskHasIsRefused(string masks, string message) =>
        Assert.Contains(message, Assert.Throws<DropoutLabException>(() =>
            new ExplanationSettings(1, 3, DropoutRule.None) { MaskElements = MaskElement.ParseList(masks) }).Message,
            StringComparison.Ordinal);

    [Fact]
    public void MasksAreEachDatumsOwnOrOneForAll()
    {
        Explanation explanation = Compute(seed: 1, batchSize: 3, "standard:0.5");

        Assert.Equal(3, Rows(explanation.MaskPerDatum.Audit.ForwardFactor).Distinct().Count());
        Assert.Single(Rows(explanation.MaskPerMinibatch.Audit.ForwardFactor).Distinct());
        Assert.Equal(
            Rows(explanation.MaskPerDatum.Audit.ForwardFactor)[0], Rows(explanation.MaskPerMinibatch.Audit.ForwardFactor)[0]);
    }

    [Fact]
    public void RulesShareOneMask()
    {
        IReadOnlyList<RuleStep> rules = Compute(seed: 1, batchSize: 3, "standard:0.5").Rules;
        double[] mask = rules[1].Layer.Audit.ForwardFactor.Values, ones = [.. mask.Select(_ => 1.0)];
        LayerAudit augmented = rules[4].Layer.Audit;

        Assert.Equal(["none", "standard:0.5", "forward:0.5", "backward:0.5", "augmented:0.5/0.25"],
            rules.Select(step => step.Rule.ToString()));
        Assert.Contains(0, mask);
        Assert.Equal([ones, mask, mask, ones, mask], rules.Select(step => step.Layer.Audit.ForwardFactor.Values));
        Assert.Equal([ones, mask, ones, mask], rules.Take(4).Select(step => step.Layer.Audit.BackwardFactor.Values));
        Assert.All(augmented.BackwardFactor.Values.Zip(mask), pair => Assert.True(pair.First == 0 || pair.Second != 0));
        Assert.True(augmented.BackwardFactor.Values.Count(factor => factor == 0) > mask.Count(factor => factor == 0));
    }

    [Fact]
    public void AMaskLayerIsWrongWhereTheViewsDiffer()
    {
        IReadOnlyList<RuleStep> rules = Compute(seed: 1, batchSize: 3, "standard:0.5").Rules;

        Assert.Equal([0, 0], rules.Take(2).Select(step => step.Layer.ErrorBehindMaskLayer));
        Assert.All(rules.Skip(2), step => Assert.InRange(step.Layer.ErrorBehindMaskLayer, 0.01, 100));
    }

    [Fact]
    public void NoNumberOfTheExampleIsZero()
    {
        for (ulong seed = 0; seed < 50; seed++)
        {
            Explanation explanation = Compute(seed, batchSize: 8, "standard:0.5");
            Assert.DoesNotContain(0, explanation.Example.Images);
            Assert.DoesNotContain(0, explanation.MaskPerDatum.Audit.Weight.Values);
            Assert.DoesNotContain(explanation.Rules[0].Layer.Audit.Input.Values, value => value <= 0);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    public void ABatchThatIsNoPictureIsRefused(int batchSize) =>
        Assert.Contains(
            "1 to 8", Assert.Throws<DropoutLabException>(() => Compute(1, batchSize, "none")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("forward", null, "forward:0.5")]
    [InlineData("forward", 0.3, "forward:0.3")]
    [InlineData("augmented", 0.3, "augmented:0.3/0.25")]
    [InlineData("augmented:0.2/0.1", null, "augmented:0.2/0.1")]
    [InlineData("none", 0.3, "none")]
    public void ARulesNameTakesTheRatioOfThePage(string text, double? ratio, string expected) =>
        Assert.Equal(expected, ExplanationSettings.ParseRule(text, ratio).ToString());

    internal static Explanation Compute(ulong seed, int batchSize, string rule) =>
        Explanation.Compute(new ExplanationSettings(seed, batchSize, DropoutRule.Parse(rule)));

    /// <summary>z = W (h ⊙ F) + b, δ = (softmax(z) − 1 at the label) / N, ∂J/∂W = δ (h ⊙ B)ᵀ.</summary>
    private static void AssertFollowsTheClosedForm(LayerStep step, int[] labels)
    {
        LayerAudit audit = step.Audit;
        int batch = labels.Length, inputs = audit.Weight.Shape[1], outputs = audit.Weight.Shape[0];
        double[] expected = new double[outputs * inputs];
        for (int n = 0; n < batch; n++)
        {
            double[] h = audit.Input.Datum(n).ToArray(), f = audit.ForwardFactor.Datum(n).ToArray(),
                b = audit.BackwardFactor.Datum(n).ToArray();
            double[] z = [.. Enumerable.Range(0, outputs).Select(o =>
                audit.Bias!.Values[o] + Enumerable.Range(0, inputs).Sum(i => audit.Weight.Values[o * inputs + i] * h[i] * f[i]))];
            double sum = z.Sum(Math.Exp);
            for (int o = 0; o < outputs; o++)
            {
                Assert.Equal(z[o], audit.Output.Datum(n)[o], Rounding);
                double delta = (Math.Exp(z[o]) / sum - (labels[n] == o ? 1 : 0)) / batch;
                for (int i = 0; i < inputs; i++)
                    expected[o * inputs + i] += delta * h[i] * b[i];
            }
        }

        Assert.All(expected.Zip(audit.WeightGradient.Values), pair => Assert.Equal(pair.First, pair.Second, Rounding));
        Assert.InRange(step.LargestDeviation, 0, Rounding);
    }

    private static string[] Rows(AuditedArray array) =>
        [.. Enumerable.Range(0, array.Shape[0]).Select(datum => string.Join(' ', array.Datum(datum).ToArray()))];
}
