using DropoutLab.Backends;
using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Layers;
using DropoutLab.Models;
using DropoutLab.Optimization;
using DropoutLab.Tests.Definitions;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Models;

/// <summary>Settings of layers that make no sense are refused where the network is built, and named.</summary>
public sealed class LayerSettingsTests
{
    public static TheoryData<string, Func<NetworkBuilder, Value, Value>> Wrong() => new()
    {
        { "layer n: Epsilon must be a positive "
            + "number, not 0", (builder, h) => new BatchNorm("n") { Epsilon = 0 }.Apply(builder, h) },
        { "layer n: Epsilon must be a positive number, "
            + "not NaN", (builder, h) => new BatchNorm("n") { Epsilon = double.NaN }.Apply(builder, h) },
        { "layer n: Momentum must be above 0 and at most "
            + "1, not 2", (builder, h) => new BatchNorm("n") { Momentum = 2 }.Apply(builder, h) },
        {
            "l.weight: the standard deviation of its initial values must be a number from 0 on, not -1",
            (builder, h) => new Linear("l", 4) { WeightStandardDeviation = -1 }.Apply(builder, h)
        },
        {
            "c.weight: the standard deviation of its initial values must be a number from 0 on, not NaN",
            (builder, h) => new Conv2d("c", 4, 1) { WeightStandardDeviation = double.NaN }.Apply(builder, h)
        },
        { "l.bias: the factor of its learning rate must be a number from 0 on, "
            + "not -2", (builder, h) => new Linear("l", 4) { BiasRateFactor = -2 }.Apply(builder, h) },
        {
            "own: the factor of its weight decay must be a number from 0 on, not Infinity",
            (builder, _) => builder.Parameter(new("own", new Shape(1, 4), 1, DecayFactor: double.PositiveInfinity))
        },
    };

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public void WrongSettingsAreNamed(string complaint, Func<NetworkBuilder, Value, Value> layer) =>
        Assert.Equal(complaint, Assert.Throws<DropoutLabException>(() =>
            new Network("wrong", new ImageShape(1, 1, 4), 4, layer).Build(1, DropoutSettings.None)).Message);

    [Fact]
    public void RunningAveragesTakeATenthOfABatch()
    {
        using ParameterStore store = RunOneStep([1.0, 2.0]);
        Assert.Equal(0.15, store.Read("norm.running_mean", ParameterArray.Value)[0], 1e-12);
        Assert.Equal(0.95, store.Read("norm.running_variance", ParameterArray.Value)[0], 1e-12);
    }

    /// <summary>As PyTorch refuses it: fast kernels would make noise of 0/√ε.</summary>
    [Fact]
    public void OneValueIsNotNormalised() => OneLine.Throws(
        () => RunOneStep([1.0]).Dispose(),
        "a batch normalisation of [1, 1, 1, 1] has one value a channel, which has no variance", "a larger batch");

    private static ParameterStore RunOneStep(double[] images)
    {
        Network network = new("small", new ImageShape(1, 1, 1), 2,
            (builder, images) => new Linear("fc", 2).Apply(builder, new BatchNorm("norm").Apply(builder, images)));
        using Backend backend = TestBackends.Reference();
        ParameterStore store = new(network.Parameters, Precision.Float64);
        store.Initialise(1);
        Classified built = Classified.Build(network, images.Length, DropoutSettings.None);
        using Plan plan = backend.Compile(
            PlanRequest.Train(built.Loss, [], store) with { Updates = built.Updates }, Precision.Float64);
        plan.Write(built.Images, images);
        OptimizerStep update = backend.Compile(new Sgd(), store);
        plan.Run();
        update.Run(learningRate: 0, step: 0);
        return store;
    }
}
