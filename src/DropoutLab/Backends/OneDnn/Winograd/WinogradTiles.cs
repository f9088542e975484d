using Sizes = DropoutLab.Graph.Operators.ConvolutionGeometry;

namespace DropoutLab.Backends.OneDnn.Winograd;

/// <summary>Which convolutions are worth their transforms, and the kernels that compute them.</summary>
internal static class WinogradTiles
{
    /// <summary>
    /// Whether a convolution and its input's gradient are worth it: channels that fill vectors on both sides, and images that tiles do
    /// not overhang by much.
    /// </summary>
    public static bool Fits(in Sizes sizes) => FitsWeightGradient(sizes) && sizes.Inputs % 16 == 0;

    /// <summary>
    /// The same for the weights' gradient, which is worth it for the few channels of an image too: 6.8 ms against 10.2. Rows fill a vector.
    /// </summary>
    public static bool FitsWeightGradient(in Sizes sizes) =>
        sizes is { Stride: 1, KernelHeight: 3 or 5 } && sizes.KernelWidth == sizes.KernelHeight && sizes.Padding < sizes.KernelHeight
        && (sizes.Inputs % 16 == 0 || sizes.Inputs <= 4) && sizes.Outputs % 16 == 0
        && sizes is { OutputHeight: >= 4, OutputWidth: >= 4 };

    /// <summary>z = W h + b, and max(z, 0) if asked.</summary>
    public static DatumWork Convolution(
        int threads, in Sizes sizes, PlanBuffer input, PlanBuffer weight, PlanBuffer? bias, PlanBuffer output, bool fuseRelu) =>
        sizes.KernelHeight == ThreeTaps.Kernel
            ? new WinogradConvolution<ThreeTaps>(
                threads, WinogradGeometry<ThreeTaps>.Forward(sizes), input, weight, bias, output, turned: false, fuseRelu)
            : new WinogradConvolution<FiveTaps>(
                threads, WinogradGeometry<FiveTaps>.Forward(sizes), input, weight, bias, output, turned: false, fuseRelu);

    /// <summary>∂J/∂h.</summary>
    public static DatumWork InputGradient(int threads, in Sizes sizes, PlanBuffer signal, PlanBuffer weight, PlanBuffer gradient) =>
        sizes.KernelHeight == ThreeTaps.Kernel
            ? new WinogradConvolution<ThreeTaps>(
                threads, WinogradGeometry<ThreeTaps>.InputGradient(sizes), signal, weight, null, gradient, turned: true, fuseRelu: false)
            : new WinogradConvolution<FiveTaps>(
                threads, WinogradGeometry<FiveTaps>.InputGradient(sizes), signal, weight, null, gradient, turned: true, fuseRelu: false);

    /// <summary>∂J/∂W, and ∂J/∂b if asked.</summary>
    public static DatumWork WeightGradient(
        int threads, in Sizes sizes, PlanBuffer input, PlanBuffer signal, PlanBuffer gradient, PlanBuffer? biasGradient) =>
        sizes.KernelHeight == ThreeTaps.Kernel
            ? new WinogradWeightGradient<ThreeTaps>(
                threads, WinogradGeometry<ThreeTaps>.Forward(sizes), input, signal, gradient, biasGradient)
            : new WinogradWeightGradient<FiveTaps>(
                threads, WinogradGeometry<FiveTaps>.Forward(sizes), input, signal, gradient, biasGradient);
}
