using DropoutLab.Backends;
using DropoutLab.Backends.OneDnn;
using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Graph.Operators;
using DropoutLab.Models;
using DropoutLab.Tests.Dropout;
using DropoutLab.Tests.Models;

namespace DropoutLab.Tests.Definitions;

/// <summary>The bits that a training step draws depend on nothing but seed, layer, mask, step, datum and feature.</summary>
public sealed class MaskReproducibilityTests
{
    private const ulong Seed = 2026;
    private const uint Step = 7;
    private static readonly DropoutRule Rule = DropoutRule.Augmented(0.3, 0.1);

    [Theory]
    [InlineData("per-datum")]
    [InlineData("pair")]
    [InlineData("per-minibatch")]
    [InlineData("channel")]
    [InlineData("shape:*,*,1,1")]
    [InlineData("shape:1,1,*,*")]
    public void BackendsAndThreadsDrawTheSameBits(string sharing)
    {
        List<double[][]> draws = [];
        foreach (int threads in (int[])[1, 2, 3])
        {
            foreach (Backend backend in TestBackends.All(threads))
            {
                using (backend)
                    draws.Add(Draw(backend, 8, 0, sharing));
            }
        }

        Assert.All(draws, draw => Assert.Equal(draws[0], draw));
    }

    [Theory]
    [InlineData("per-datum")]
    [InlineData("pair")]
    [InlineData("per-minibatch")]
    [InlineData("channel")]
    [InlineData("shape:*,*,1,1")]
    [InlineData("shape:1,1,*,*")]
    public void ACutBatchHasTheBitsOfTheWhole(string sharing)
    {
        using Backend backend = TestBackends.Fastest();
        double[][] whole = Draw(backend, 8, 0, sharing), first = Draw(backend, 5, 0, sharing),
            second = Draw(backend, 3, 5, sharing);
        for (int mask = 0; mask < whole.Length; mask++)
            Assert.Equal(whole[mask], (double[])[.. first[mask], .. second[mask]]);
    }

    [Theory]
    [InlineData("per-datum", 6)]
    [InlineData("channel", 6)]
    [InlineData("shape:*,*,1,1", 4)]
    [InlineData("shape:1,1,*,*", 4)]
    public void BitsAreThoseOfTheDefinition(string sharing, int maskCount)
    {
        using Backend backend = TestBackends.Fastest();
        double[][] drawn = Draw(backend, 8, 0, sharing);
        Value[] masks = [.. Masks(Build(8, sharing))];
        Assert.Equal(maskCount, masks.Length);
        for (int m = 0; m < masks.Length; m++)
        {
            MaskSource source = ((DrawMask)masks[m].Operator).Mask;
            MaskStream stream = new(Seed, source.Layer, source.Which, Step, source.DropProbability.At(Step));
            Shape shape = masks[m].Shape;
            Assert.Equal(drawn[m], (double[])[.. Enumerable.Range(0, drawn[m].Length).Select(i => Keeps(i) ? 1.0 : 0.0)]);

            bool Keeps(int element)
            {
                (uint datum, int draw) = NaiveSharing.DrawOf(
                    source.Sharing, shape.Axes.ToArray(), (uint)(element / shape.CountPerDatum), element % shape.CountPerDatum);
                return stream.Keeps(datum, draw);
            }
        }
    }

    [Fact]
    public void ARatioOfZeroIsThePlainNetworkToTheBit()
    {
        using Backend backend = TestBackends.Fastest();
        double[][] plain = Gradients(backend, "none");
        foreach (string rule in (string[])["standard:0", "forward:0", "backward:0", "augmented:0/0", "augmented-independent:0/0"])
            Assert.Equal(plain, Gradients(backend, rule));
    }

    private static double[][] Gradients(Backend backend, string rule)
    {
        using TrainingStep step = new(
            backend, SmallNetworks.Convolutional, new DropoutSettings(DropoutRule.Parse(rule)), 5, Precision.Float32);
        step.Fill(seed: 1);
        step.Plan.Run(Seed, Step);
        return [.. step.Store.Parameters.Select(parameter => step.Gradient(parameter.Name))];
    }

    private static double[][] Draw(Backend backend, int batch, uint firstDatum, string sharing)
    {
        Classified built = Build(batch, sharing);
        using ParameterStore store = new(built.Parameters, Precision.Float32);
        Value[] masks = [.. Masks(built)];
        using Plan plan = backend.Compile(PlanRequest.Train(built.Loss, masks, store), Precision.Float32);
        plan.Run(Seed, Step, firstDatum);
        return [.. masks.Select(plan.Read)];
    }

    private static Classified Build(int batch, string sharing) =>
        Classified.Build(
            SmallNetworks.Convolutional, batch, new DropoutSettings(Rule, Sites(sharing), MaskSharing.Parse(sharing)));

    /// <summary>A shape has an entry an axis, so that it fits the convolutions alone.</summary>
    private static SiteSelection Sites(string sharing) =>
        sharing.StartsWith("shape", StringComparison.Ordinal) ? ["conv2", "conv3"] : SiteSelection.All;

    private static IEnumerable<Value> Masks(Classified built) =>
        TopologicalOrder.Of([built.Loss, new Differentiation(built.Loss).Of(built.WeightLayers[0].Output)!])
            .Where(value => value.Operator is DrawMask);
}
