using Sizes = DropoutLab.Graph.Operators.ConvolutionGeometry;

namespace DropoutLab.Backends.OneDnn.Winograd;

/// <summary>Which convolutions are worth their transforms, and the kernels that compute them.</summary>
internal static class WinogradTiles
{
    /// <summary>
    /// Whether a convolution and its input's gradient are worth it: channels that fill vectors on both sides, and images that
    /// tiles do not overhang by much.
    /// </summary>
    public static bool Fits(in Sizes sizes) => FitsWeightGradient(sizes) && sizes.Inputs % 16 == 0;

    /// <summary>
    /// The same for the weights' gradient, which is worth it for the few channels of an image too: 6.8 ms against 10.2. Rows fill
    /// a vector.
    /// </summary>
    public static bool FitsWeightGradient(in Sizes sizes) =>
        sizes is { Stride: 1, KernelHeight: 3 or 5 } or { Stride: 2, KernelHeight: 3, Padding: 1 }
        && sizes.KernelWidth == sizes.KernelHeight && sizes.Padding < sizes.KernelHeight
        && (sizes.Inputs % 16 == 0 || sizes.Inputs <= 4) && sizes.Outputs % 16 == 0
        && sizes is { OutputHeight: >= 4, OutputWidth: >= 4 } && sizes.Width * sizes.Inputs >= 8;

    /// <summary>z = W h + b, and max(z, 0) if asked.</summary>
    public static DatumWork Convolution(
        int threads, in Sizes sizes, PlanBuffer input, PlanBuffer weight, PlanBuffer? bias, PlanBuffer output, bool fuseRelu)
    {
        return sizes switch
        {
            { KernelHeight: 5 } => Of<FiveTaps>(sizes),
            { Stride: 2 } => Of<ThreeTapsStrideTwo>(sizes),
            _ => Of<ThreeTaps>(sizes),
        };

        DatumWork Of<TScheme>(in Sizes sizes)
            where TScheme : struct, ITileScheme => new WinogradConvolution<TScheme>(
                threads, WinogradGeometry<TScheme>.Forward(sizes), input, weight, bias, output, turned: false, fuseRelu);
    }

    /// <summary>∂J/∂h.</summary>
    public static DatumWork InputGradient(int threads, in Sizes sizes, PlanBuffer signal, PlanBuffer weight, PlanBuffer gradient)
    {
        return sizes switch
        {
            { KernelHeight: 5 } => Of<FiveTaps>(sizes),
            { Stride: 2 } => Of<ThreeTapsStrideTwoTurned>(sizes),
            _ => Of<ThreeTaps>(sizes),
        };

        DatumWork Of<TScheme>(in Sizes sizes)
            where TScheme : struct, ITileScheme => new WinogradConvolution<TScheme>(
                threads, WinogradGeometry<TScheme>.InputGradient(sizes), signal, weight, null, gradient, turned: true,
                fuseRelu: false);
    }

    /// <summary>∂J/∂W, and ∂J/∂b if asked.</summary>
    public static DatumWork WeightGradient(
        int threads, in Sizes sizes, PlanBuffer input, PlanBuffer signal, PlanBuffer gradient, PlanBuffer? biasGradient)
    {
        return sizes switch
        {
            { KernelHeight: 5 } => Of<FiveTaps>(sizes),
            { Stride: 2 } => Of<ThreeTapsStrideTwo>(sizes),
            _ => Of<ThreeTaps>(sizes),
        };

        DatumWork Of<TScheme>(in Sizes sizes)
            where TScheme : struct, ITileScheme => new WinogradWeightGradient<TScheme>(
                threads, WinogradGeometry<TScheme>.Forward(sizes), input, signal, gradient, biasGradient);
    }
}
