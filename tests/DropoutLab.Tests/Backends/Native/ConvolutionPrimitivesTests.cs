using DropoutLab.Backends.OneDnn.Native;

namespace DropoutLab.Tests.Backends.Native;

public sealed class ConvolutionPrimitivesTests : NativeTest
{
    private const double Float32Tolerance = 1e-5;
    private const double BFloat16Tolerance = 2e-2;

    private static readonly NaiveConvolution[] Cases =
    [
        new(2, 3, 8, 8, 8, 5, 5, ConvolutionWindows.Square(stride: 1, padding: 2)),
        new(3, 16, 7, 9, 24, 3, 3, ConvolutionWindows.Square(stride: 1, padding: 1)),
        new(1, 5, 6, 5, 7, 3, 2, new ConvolutionWindows(2, 1, 1, 0, 2, 1)),
        new(2, 32, 5, 4, 10, 1, 1, ConvolutionWindows.Square(stride: 2, padding: 0)),
        new(2, 17, 11, 3, 33, 4, 3, new ConvolutionWindows(3, 2, 0, 2, 3, 0)),
    ];

    public static TheoryData<int, string, bool> AllCases()
    {
        TheoryData<int, string, bool> data = new TheoryData<int, string, bool>();
        for (int i = 0; i < Cases.Length; i++)
            foreach (string type in Enum.GetNames<ElementType>())
                foreach (bool plainWeights in new[] { false, true })
                    data.Add(i, type, plainWeights);
        return data;
    }

    [Theory]
    [MemberData(nameof(AllCases))]
    public void ThreePassesAgreeWithTheDefinition(int index, string typeName, bool plainWeights) => WithLibrary(library =>
    {
        var type = Enum.Parse<ElementType>(typeName);
        using ConvolutionRun run = new ConvolutionRun(library, Cases[index], type, plainWeights);
        if (run.Forward is null)
        {
            Assert.Equal(ElementType.BFloat16, type);
            Assert.False(library.HasNativeBFloat16);
            Assert.Skip($"needs bf16, of which oneDNN {library.Version} has no convolution for {library.InstructionSet}");
        }

        run.AssertThreePasses(type == ElementType.Float32 ? Float32Tolerance : BFloat16Tolerance);
    });

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void ReluIsFusedAfterTheBias(int index) => WithLibrary(library =>
    {
        using ConvolutionRun run = new ConvolutionRun(
            library, Cases[index], ElementType.Float32, plainWeights: false, fuseRelu: true);
        run.AssertForward(Float32Tolerance);
    });

    [Fact]
    public void AutoAlgorithmAgreesToo() => WithLibrary(library =>
    {
        using ConvolutionRun run = new ConvolutionRun(
            library, Cases[1], ElementType.Float32, plainWeights: false, algorithm: ConvolutionAlgorithm.Auto);
        run.AssertThreePasses(Float32Tolerance);
    });

    [Fact]
    public void ChosenDescriptorsAndScratchpadAreKnown() => WithLibrary(library =>
    {
        using ConvolutionRun run = new ConvolutionRun(library, Cases[1], ElementType.Float32, plainWeights: false);
        var forward = run.Forward!;
        using var source = forward.Describe(Argument.Source);
        using var weights = forward.Describe(Argument.Weights);

        Assert.Equal(run.SourceLayout, source);
        Assert.Equal([24, 16, 3, 3], weights!.Shape);
        Assert.True(weights.ByteSize >= 24 * 16 * 3 * 3 * sizeof(float));
        Assert.Null(forward.Describe(Argument.WeightsGradient));
        Assert.NotEmpty(forward.ImplementationName);
        Assert.True(forward.ScratchpadByteSize >= 0);
    });

    [Fact]
    public void ShapesThatDoNotFitAreAMistakeNotALackOfImplementation() => WithLibrary(library =>
    {
        using MemoryDescriptor source = MemoryDescriptor.ChannelsLast(library, ElementType.Float32, 1, 3, 8, 8);
        using MemoryDescriptor weights = MemoryDescriptor.Any(library, ElementType.Float32, [4, 5, 3, 3]);
        using MemoryDescriptor destination = MemoryDescriptor.ChannelsLast(library, ElementType.Float32, 1, 4, 6, 6);
        Operands operands = new Operands(source, weights, Bias: null, destination);

        var error = Assert.Throws<OneDnnException>(
            () => ConvolutionPrimitives.TryForward(library, operands, ConvolutionWindows.Square(1, 0)));
        Assert.Equal(Status.InvalidArguments, error.Status);
        Assert.Contains("invalid_arguments", error.Message, StringComparison.Ordinal);
    });
}
