using DropoutLab.Backends;
using DropoutLab.Backends.OneDnn;
using DropoutLab.Benchmarks.Shapes;
using DropoutLab.Graph.Operators;
using DropoutLab.Tests.Definitions;

namespace DropoutLab.Tests.Backends;

/// <summary>
/// Every shape of a convolution that is accepted is computed right in every precision. benchmarks/DropoutLab.Benchmarks goes on
/// with other seeds for an hour.
/// </summary>
public sealed class ConvolutionShapeTests
{
    private const int RandomShapes = 120;

    public static TheoryData<int, int, int, int, int, int, int, int> ShapesOfTapsWithoutPixels() => new()
    {
        // height, width, inputs, outputs, kernel's height and width, stride, padding
        { 9, 1, 32, 32, 2, 2, 2, 1 },
        { 9, 1, 32, 32, 3, 3, 2, 1 },
        { 1, 1, 32, 32, 3, 3, 2, 1 },
        { 1, 9, 16, 16, 3, 3, 2, 1 },
        { 1, 1, 17, 33, 5, 5, 2, 4 },
        { 1, 9, 32, 32, 5, 1, 1, 2 },
        { 2, 2, 32, 16, 3, 3, 3, 3 },
        { 5, 5, 16, 32, 1, 1, 3, 2 },
    };

    [Theory]
    [MemberData(nameof(ShapesOfTapsWithoutPixels))]
    public void TapsThatMeetNoPixelHaveAGradientOfZero(
        int height, int width, int inputs, int outputs, int kernelHeight, int kernelWidth, int stride, int padding) =>
        AssertRight(new ConvolutionShape(4, height, width, inputs, outputs, kernelHeight, kernelWidth, stride, padding), "given");

    [Theory]
    [InlineData(17, 5, 12, 31, 1, 3, 3, 0)]
    [InlineData(33, 3, 7, 4, 7, 7, 8, 3)]
    [InlineData(9, 1, 1, 1, 2, 2, 2, 1)]
    public void AnOutputOnePixelWideIsRightAtAnyStride(
        int height, int width, int inputs, int outputs, int kernelHeight, int kernelWidth, int stride, int padding) =>
        AssertRight(new ConvolutionShape(4, height, width, inputs, outputs, kernelHeight, kernelWidth, stride, padding), "given");

    /// <summary>Kernels of bfloat16 with AMX step too far there, on whatever processor these tests run.</summary>
    [Theory]
    [InlineData(9, 1, 2, 1, 2, true)]
    [InlineData(17, 5, 3, 0, 3, true)]
    [InlineData(9, 1, 3, 1, 1, false)]
    [InlineData(1, 9, 3, 1, 2, false)]
    [InlineData(32, 32, 3, 1, 2, false)]
    public void WhereTheOutputIsAStridedColumnBFloat16sKernelsAreNotAsked(
        int height, int width, int kernel, int padding, int stride, bool isColumn) =>
        Assert.Equal(
            isColumn,
            WeightPrimitives.HasStridedColumn(new(1, height, width, 16, 16, kernel, kernel, stride, padding)));

    [Fact]
    public void ShapesDrawnAtRandom()
    {
        for (int seed = 0; seed < RandomShapes; seed++)
            AssertRight(ConvolutionShape.Draw(seed), $"of seed {seed}");
    }

    /// <summary>
    /// Counted one by one: with bfloat16's kernels every tap meets a pixel, every window too, and one of them lies within the
    /// image.
    /// </summary>
    [Fact]
    public void WhereATapMayMeetNoPixelBFloat16sKernelsAreNotAsked()
    {
        int trusted = 0;
        foreach ((int length, int kernel, int stride, int padding) in AllAxes())
        {
            ConvolutionGeometry sizes = new(1, length, 9, 16, 16, kernel, kernel, stride, padding);
            ConvolutionGeometry turned = sizes with { Height = 9, Width = length };
            bool isTrusted = WeightPrimitives.HasWholeWindows(sizes);
            Assert.Equal(isTrusted, WeightPrimitives.HasWholeWindows(turned));
            trusted += isTrusted ? 1 : 0;
            int[][] windows =
                [.. Enumerable.Range(0, sizes.OutputHeight)
                    .Select(i => (int[])[.. Enumerable.Range(i * stride - padding, kernel)])];
            bool allTapsMeet = Enumerable.Range(0, kernel).All(tap => windows.Any(window => IsPixel(window[tap])));
            bool isOrdinary = allTapsMeet && stride <= kernel
                && windows.All(window => window.Any(IsPixel)) && windows.Any(window => window.All(IsPixel));
            if (isTrusted)
                Assert.True(isOrdinary, $"{sizes} leaves a tap or a window beside the image");

            bool IsPixel(int place) => place >= 0 && place < length;
        }

        Assert.True(trusted > 50, $"{trusted} shapes are trusted");
        Assert.True(WeightPrimitives.HasWholeWindows(new ConvolutionGeometry(100, 32, 32, 3, 32, 5, 5, 1, 2)));
        Assert.True(WeightPrimitives.HasWholeWindows(new ConvolutionGeometry(128, 32, 32, 16, 32, 3, 3, 2, 1)));
        Assert.True(WeightPrimitives.HasWholeWindows(new ConvolutionGeometry(128, 8, 8, 64, 64, 3, 3, 1, 1)));
        Assert.True(WeightPrimitives.HasWholeWindows(ConvolutionGeometry.OfLinear(new(4, 5), new(3, 5))));
    }

    private static IEnumerable<(int Length, int Kernel, int Stride, int Padding)> AllAxes() =>
        from length in Enumerable.Range(1, 9)
        from kernel in Enumerable.Range(1, 5)
        from stride in Enumerable.Range(1, 6)
        from padding in Enumerable.Range(0, 6)
        where length + 2 * padding >= kernel && 9 + 2 * padding >= kernel
        select (length, kernel, stride, padding);

    private static void AssertRight(ConvolutionShape shape, string which)
    {
        foreach (Backend backend in TestBackends.All())
        {
            using (backend)
            {
                foreach (Precision precision in new[] { Precision.Float32, Precision.BFloat16 }.Where(backend.Supports))
                {
                    string? fault = shape.FaultOf(backend, precision);
                    Assert.True(fault is null, $"the shape {which} on {backend.Name}: {fault}");
                }
            }
        }
    }
}
