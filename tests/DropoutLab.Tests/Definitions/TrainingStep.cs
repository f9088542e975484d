using DropoutLab.Backends;
using DropoutLab.Dropout;
using DropoutLab.Graph;
using DropoutLab.Models;
using DropoutLab.Tests.Models;

namespace DropoutLab.Tests.Definitions;

/// <summary>One training step of a small network, with everything in it readable.</summary>
internal sealed class TrainingStep : IDisposable
{
    private readonly Differentiation differentiation;

    public TrainingStep(Backend backend, Network network, DropoutSettings dropout, int batch, Precision precision)
    {
        Built = Classified.Build(network, batch, dropout);
        Store = new ParameterStore(network.Parameters, precision);
        differentiation = new Differentiation(Built.Loss);
        List<Value> probes = [Built.Logits];
        foreach (WeightLayerProbe layer in Layers)
            probes.AddRange(layer.All);
        Plan = backend.Compile(PlanRequest.Train(differentiation, [Built.Loss], [.. probes.Distinct()], Store), precision);
    }

    public Classified Built { get; }

    public ParameterStore Store { get; }

    public Plan Plan { get; }

    public IEnumerable<WeightLayerProbe> Layers => Built.WeightLayers.Select(layer =>
        new WeightLayerProbe(layer, differentiation.Of(layer.Output)!, differentiation.Of(layer.Input)));

    /// <summary>The same parameters and data for every backend and precision.</summary>
    public void Fill(int seed, double weightSize = 0.5)
    {
        System.Random random = new(seed);
        foreach (Parameter parameter in Store.Parameters)
            Store.Write(parameter.Name, ParameterArray.Value, Numbers(random, parameter.Shape.Count, weightSize));
        Plan.Write(Built.Images, Numbers(random, Built.Images.Shape.Count, 1));
        int[] labels = new int[Built.Labels.Shape.Count];
        for (int i = 0; i < labels.Length; i++)
            labels[i] = random.Next(4);
        Plan.Write(Built.Labels, labels);
    }

    public double[] Gradient(string parameter) => Store.Read(parameter, ParameterArray.Gradient);

    public void Dispose()
    {
        Plan.Dispose();
        Store.Dispose();
    }

    /// <summary>Multiples of 1/128 below 1 in size, which 32-bit floats and bfloat16 hold as exactly as doubles do.</summary>
    private static double[] Numbers(System.Random random, int count, double size)
    {
        double[] numbers = new double[count];
        for (int i = 0; i < count; i++)
            numbers[i] = size * random.Next(-127, 128) / 128;
        return numbers;
    }
}

/// <summary>What there is to see of a weight layer: h, z, ∂J/∂z and (where somebody needs it) ∂J/∂h.</summary>
internal sealed record WeightLayerProbe(Layers.WeightLayer Layer, Value OutputGradient, Value? InputGradient)
{
    public IEnumerable<Value> All => InputGradient is null
        ? [Layer.Input, Layer.Output, OutputGradient]
        : [Layer.Input, Layer.Output, OutputGradient, InputGradient];
}
