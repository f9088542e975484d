using DropoutLab.Backends;
using DropoutLab.Backends.Reference;
using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Layers;
using DropoutLab.Models;
using static DropoutLab.Graph.Operations;

namespace DropoutLab.Tests.Definitions;

/// <summary>
/// One mask for each datum needs only one backward pass: the batch's gradient is the sum over the data's own thinned networks.
/// </summary>
public sealed class OneBackwardPassTests
{
    private const ulong Seed = 99;
    private const int Batch = 6;

    private static readonly Network Dense = new("dense", new ImageShape(3, 2, 2), 4, (builder, images) =>
    {
        Value h = Relu(new Linear("fc1", 11).Apply(builder, images));
        h = Relu(new Linear("fc2", 9).Apply(builder, h));
        return new Linear("fc3", 4).Apply(builder, h);
    });

    private static readonly Network Convolutional = new("convolutional", new ImageShape(6, 5, 2), 4, (builder, images) =>
    {
        Value h = Relu(new Conv2d("conv1", 4, 3) { Padding = 1 }.Apply(builder, images));
        h = Relu(new Conv2d("conv2", 5, 3) { Stride = 2, Padding = 1 }.Apply(builder, h));
        return new Linear("fc1", 4).Apply(builder, h);
    });

    [Theory]
    [InlineData(true, 0)]
    [InlineData(true, 17)]
    [InlineData(false, 0)]
    [InlineData(false, 17)]
    public void GradientOfABatchIsTheSumOverThinnedNetworks(bool convolutional, uint stepNumber)
    {
        DropoutRule rule = DropoutRule.Standard(0.4);
        Network network = convolutional ? Convolutional : Dense;
        using ReferenceBackend backend = new(2);
        using TrainingStep step = new(backend, network, new DropoutSettings(rule), Batch, Precision.Float64);
        step.Fill(seed: 3);
        step.Plan.Run(Seed, stepNumber);
        double[] images = step.Plan.Read(step.Built.Images), labels = step.Plan.Read(step.Built.Labels);
        HashSet<string> sites = [.. new DropoutSettings(rule).RulesAt(network.Sites, network.Name).Keys];

        Dictionary<string, double[]> sum = network.Parameters.ToDictionary(p => p.Name, p => new double[p.Shape.Count]);
        HashSet<int> sizes = [];
        int size = images.Length / Batch;
        for (int n = 0; n < Batch; n++)
        {
            ThinnedNetwork thinned = new(step, rule, Seed, stepNumber, (uint)n, sites);
            sizes.Add(thinned.ConnectionCount);
            foreach ((string name, double[] gradient) in thinned.Gradients(images[(n * size)..((n + 1) * size)], (int)labels[n]))
                for (int i = 0; i < gradient.Length; i++)
                    sum[name][i] += gradient[i] / Batch;
        }

        Assert.True(sizes.Count > 1, "the data's networks must differ");
        foreach ((string name, double[] gradient) in sum)
            Assert.InRange(TestBackends.RelativeDistance(gradient, step.Gradient(name)), 0, 1e-12);
    }
}
