using DropoutLab.Backends;
using DropoutLab.Backends.OneDnn;
using DropoutLab.Dropout;

namespace DropoutLab.Tests.Definitions;

/// <summary>Every rule against the poster's closed forms, for dense and convolutional layers.</summary>
public sealed class DropoutDefinitionTests
{
    private const ulong Seed = 0x1234567890abcdef;
    private const uint Step = 41;
    private const int Batch = 5;

    public static TheoryData<string, string, string> Cases()
    {
        TheoryData<string, string, string> cases = [];
        foreach (string network in (string[])["dense", "convolutional", "wide", "residual"])
            foreach (string rule in (string[])["none", "standard:0.3", "forward:0.3", "backward:0.3", "augmented:0.3/0.2",
                "augmented-independent:0.3/0.2"])
                foreach (string sharing in (string[])["per-datum", "pair", "per-minibatch", "channel"])
                    cases.Add(network, rule, sharing);
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void ReferenceEqualsTheClosedFormsIn64Bits(string network, string rule, string sharing)
    {
        using Backend backend = TestBackends.Reference();
        CheckAgainstClosedForms(backend, Precision.Float64, 1e-10, network, rule, sharing);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void OneDnnEqualsTheClosedFormsIn32Bits(string network, string rule, string sharing)
    {
        using OneDnnBackend backend = TestBackends.OneDnn();
        CheckAgainstClosedForms(backend, Precision.Float32, 1e-5, network, rule, sharing);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void OneDnnEqualsTheClosedFormsInBFloat16(string network, string rule, string sharing)
    {
        using OneDnnBackend backend = TestBackends.OneDnn();
        CheckAgainstClosedForms(backend, Precision.BFloat16, 2e-2, network, rule, sharing);
    }

    private static void CheckAgainstClosedForms(
        Backend backend, Precision precision, double bound, string networkName, string ruleText, string sharingText)
    {
        DropoutRule rule = DropoutRule.Parse(ruleText);
        MaskSharing sharing = MaskSharing.Parse(sharingText);
        var network = SmallNetworks.ByName(networkName);
        SiteSelection sites = [.. network.Sites.Select(site => site.Name)];
        using TrainingStep step = new(backend, network, new DropoutSettings(rule, sites, sharing), Batch, precision);
        step.Fill(seed: 7, weightSize: networkName == "wide" ? 1.0 / 16 : 0.5);
        step.Plan.Run(Seed, Step);

        int number = 0;
        foreach (WeightLayerProbe probe in step.Layers)
        {
            var h = probe.Layer.Input;
            var weight = probe.Layer.Output.Inputs[1].Shape;
            (double[] f, double[] b) = ClosedForms.Factors(rule, sharing, Seed, number++, Step, h.Shape);
            double[] input = step.Plan.Read(h), dz = step.Plan.Read(probe.OutputGradient);
            bool hasBias = probe.Layer.Output.Inputs.Count == 3;
            (double[] z, double[] dw, double[] db, double[] dh) = ClosedForms.Layer(
                probe.Layer.Output.Operator, h.Shape, weight, Product(input, f), Product(input, b),
                step.Store.Read($"{probe.Layer.Name}.weight", ParameterArray.Value),
                hasBias ? step.Store.Read($"{probe.Layer.Name}.bias", ParameterArray.Value) : new double[weight[0]], dz);

            string name = probe.Layer.Name;
            AssertClose($"{name} z", z, step.Plan.Read(probe.Layer.Output), bound);
            AssertClose($"{name} dW", dw, step.Gradient($"{name}.weight"), bound);
            if (hasBias)
                AssertClose($"{name} db", db, step.Gradient($"{name}.bias"), bound);
            if (probe.InputGradient is not null)
                AssertClose($"{name} dh", Product(dh, b), step.Plan.Read(probe.InputGradient), bound);
        }
    }

    private static void AssertClose(string what, double[] expected, double[] actual, double bound)
    {
        double distance = TestBackends.RelativeDistance(expected, actual);
        Assert.True(distance <= bound, $"{what} is off by {distance:g3} of the norm; the bound is {bound:g3}");
    }

    private static double[] Product(double[] a, double[] b) => [.. a.Zip(b, (x, y) => x * y)];
}
