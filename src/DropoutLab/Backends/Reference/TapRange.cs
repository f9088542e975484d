using DropoutLab.Graph.Operators;

namespace DropoutLab.Backends.Reference;

/// <summary>Which input pixel each tap of a convolution's kernel meets at an output pixel.</summary>
internal static class TapRange
{
    /// <summary>The input pixel, row · width + column, or −1 where the tap lies in the padding.</summary>
    public static int InputPixel(in ConvolutionGeometry g, int outputPixel, int tap)
    {
        int row = outputPixel / g.OutputWidth * g.Stride + tap / g.KernelWidth - g.Padding;
        int column = outputPixel % g.OutputWidth * g.Stride + tap % g.KernelWidth - g.Padding;
        return (uint)row < (uint)g.Height && (uint)column < (uint)g.Width ? row * g.Width + column : -1;
    }

    /// <summary>All taps that meet a pixel of the image, with that pixel.</summary>
    public static Enumerator Of(in ConvolutionGeometry g, int outputPixel) => new(g, outputPixel);

    public ref struct Enumerator(ConvolutionGeometry geometry, int outputPixel)
    {
        private int tap = -1;

        public (int Tap, int InputPixel) Current { get; private set; }

        public readonly Enumerator GetEnumerator() => this;

        public bool MoveNext()
        {
            while (++tap < geometry.Taps)
            {
                if (InputPixel(geometry, outputPixel, tap) is >= 0 and int pixel)
                {
                    Current = (tap, pixel);
                    return true;
                }
            }

            return false;
        }
    }
}
