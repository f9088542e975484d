using DropoutLab.Backends.OneDnn.Native;

namespace DropoutLab.Tests.Backends.Native;

/// <summary>A convolution's three passes on random values, by oneDNN and by the definition.</summary>
internal sealed class ConvolutionRun : IDisposable
{
    private readonly NaiveConvolution naive;
    private readonly ConvolutionAlgorithm algorithm;
    private readonly bool fuseRelu;
    private readonly float[] source;
    private readonly float[] weights;
    private readonly float[] bias;
    private readonly float[] destinationGradient;
    private readonly MemoryDescriptor weightsLayout;
    private readonly MemoryDescriptor destinationLayout;
    private readonly MemoryDescriptor biasLayout;
    private readonly List<MemoryDescriptor> owned = [];
    private readonly Operands forwardOperands;
    private readonly Operands gradientOperands;

    public ConvolutionRun(
        OneDnnLibrary library, NaiveConvolution naive, ElementType type, bool plainWeights, bool fuseRelu = false,
        ConvolutionAlgorithm algorithm = ConvolutionAlgorithm.Direct)
    {
        this.naive = naive;
        this.algorithm = algorithm;
        this.fuseRelu = fuseRelu;
        source = Norms.RandomValues(naive.SourceLength, seed: 1);
        weights = Norms.RandomValues(naive.WeightsLength, seed: 2);
        bias = Norms.RandomValues(naive.Outputs, seed: 3);
        destinationGradient = Norms.RandomValues(naive.DestinationLength, seed: 4);

        long[] weightsShape = [naive.Outputs, naive.Channels, naive.KernelHeight, naive.KernelWidth];
        MemoryDescriptor WeightsOf(ElementType elementType) => Own(
            plainWeights
                ? MemoryDescriptor.Dense(library, elementType, weightsShape)
                : MemoryDescriptor.Any(library, elementType, weightsShape));
        MemoryDescriptor SourceOf(ElementType elementType) => Own(
            MemoryDescriptor.ChannelsLast(library, elementType, naive.Batch, naive.Channels, naive.Height, naive.Width));
        MemoryDescriptor DestinationOf(ElementType elementType) => Own(
            MemoryDescriptor.ChannelsLast(
                library, elementType, naive.Batch, naive.Outputs, naive.OutputHeight, naive.OutputWidth));

        SourceLayout = SourceOf(ElementType.Float32);
        weightsLayout = Own(MemoryDescriptor.Dense(library, ElementType.Float32, weightsShape));
        biasLayout = Own(MemoryDescriptor.Dense(library, ElementType.Float32, [naive.Outputs]));
        destinationLayout = DestinationOf(ElementType.Float32);
        forwardOperands = new Operands(SourceOf(type), WeightsOf(type), biasLayout, DestinationOf(type));
        gradientOperands = forwardOperands with { Weights = WeightsOf(ElementType.Float32) };
        Forward = ConvolutionPrimitives.TryForward(library, forwardOperands, naive.Geometry, algorithm, fuseRelu);
    }

    public PrimitiveDescriptor? Forward { get; }

    public MemoryDescriptor SourceLayout { get; }

    public void AssertThreePasses(double tolerance)
    {
        AssertForward(tolerance);
        AssertBackwardData(tolerance);
        AssertBackwardWeights(tolerance);
    }

    public void AssertForward(double tolerance)
    {
        double[] expected = naive.Forward(source, weights, bias);
        if (fuseRelu)
            expected = [.. expected.Select(value => Math.Max(value, 0))];
        float[][] actual = NativeRunner.Run(
            Forward!,
            [
                (Argument.Source, SourceLayout, source),
                (Argument.Weights, weightsLayout, weights),
                (Argument.Bias, biasLayout, bias),
            ],
            [(Argument.Destination, destinationLayout)]);
        Norms.AssertNear(expected, actual[0], tolerance, $"forward, {Forward!.ImplementationName}");
    }

    public void Dispose()
    {
        Forward?.Dispose();
        foreach (var descriptor in owned)
            descriptor.Dispose();
    }

    private void AssertBackwardData(double tolerance)
    {
        using var pass = ConvolutionPrimitives.TryBackwardData(Forward!, forwardOperands, naive.Geometry, algorithm);
        Assert.NotNull(pass);
        float[][] actual = NativeRunner.Run(
            pass,
            [
                (Argument.Weights, weightsLayout, weights),
                (Argument.DestinationGradient, destinationLayout, destinationGradient),
            ],
            [(Argument.SourceGradient, SourceLayout)]);
        double[] expected = naive.BackwardData(weights, destinationGradient);
        Norms.AssertNear(expected, actual[0], tolerance, $"backward data, {pass.ImplementationName}");
    }

    private void AssertBackwardWeights(double tolerance)
    {
        using var pass = ConvolutionPrimitives.TryBackwardWeights(Forward!, gradientOperands, naive.Geometry, algorithm);
        Assert.NotNull(pass);
        float[][] actual = NativeRunner.Run(
            pass,
            [
                (Argument.Source, SourceLayout, source),
                (Argument.DestinationGradient, destinationLayout, destinationGradient),
            ],
            [(Argument.WeightsGradient, weightsLayout), (Argument.BiasGradient, biasLayout)]);
        string name = pass.ImplementationName;
        Norms.AssertNear(naive.BackwardWeights(source, destinationGradient), actual[0], tolerance, $"backward weights, {name}");
        Norms.AssertNear(naive.BackwardBias(destinationGradient), actual[1], tolerance, $"backward bias, {name}");
    }

    private MemoryDescriptor Own(MemoryDescriptor descriptor)
    {
        owned.Add(descriptor);
        return descriptor;
    }
}
