namespace DropoutLab.Backends.OneDnn.Native;

/// <summary>Where a convolution's windows lie: strides and zero padding, in elements of the source.</summary>
internal readonly record struct ConvolutionGeometry(
    int StrideHeight, int StrideWidth, int PaddingTop, int PaddingLeft, int PaddingBottom, int PaddingRight)
{
    /// <summary>The same stride and the same padding on every side.</summary>
    public static ConvolutionGeometry Square(int stride, int padding) => new(stride, stride, padding, padding, padding, padding);
}
