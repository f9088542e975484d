using System.Numerics.Tensors;
using DropoutLab.Graph;
using DropoutLab.Graph.Operators;

namespace DropoutLab.Backends.Reference;

internal sealed partial class ReferenceLowering<T>
{
    private Kernel MaxPoolKernel(Value value, PoolWindows windows)
    {
        Rows<T> x = Rows(value.Inputs[0]), y = Rows(value);
        Shape input = value.Inputs[0].Shape;
        return ForEachDatum(value, n =>
        {
            y[n].Fill(T.NegativeInfinity);
            ForEachPixel(windows, input, pixel =>
            {
                Span<T> largest = pixel.OfWindow(y[n]), candidates = pixel.OfImage(x[n]);
                TensorPrimitives.Max(largest, candidates, largest);
            });
        });
    }

    private Kernel MaxPoolIndexKernel(Value value, PoolWindows windows)
    {
        Rows<T> x = Rows(value.Inputs[0]);
        Rows<byte> index = new(builder.BufferOf(value), value.Shape.CountPerDatum);
        Shape input = value.Inputs[0].Shape;
        return ForEachDatum(value, n =>
        {
            T[] maxima = new T[value.Shape.CountPerDatum];
            Array.Fill(maxima, T.NegativeInfinity);
            index[n].Clear();
            ForEachPixel(windows, input, pixel =>
            {
                Span<T> largest = pixel.OfWindow<T>(maxima), candidates = pixel.OfImage(x[n]);
                Span<byte> places = pixel.OfWindow(index[n]);
                for (int c = 0; c < largest.Length; c++)
                {
                    if (candidates[c] > largest[c])
                        (largest[c], places[c]) = (candidates[c], (byte)pixel.Place);
                }
            });
        });
    }

    private Kernel MaxPoolGradientKernel(Value value, PoolWindows windows)
    {
        Rows<T> dy = Rows(value.Inputs[0]), dx = Rows(value);
        Rows<byte> index = new(builder.BufferOf(value.Inputs[1]), value.Inputs[1].Shape.CountPerDatum);
        return ForEachDatum(value, n =>
        {
            dx[n].Clear();
            ForEachPixel(windows, value.Shape, pixel =>
            {
                Span<T> signal = pixel.OfWindow(dy[n]), sum = pixel.OfImage(dx[n]);
                Span<byte> places = pixel.OfWindow(index[n]);
                for (int c = 0; c < sum.Length; c++)
                    sum[c] += places[c] == pixel.Place ? signal[c] : T.Zero;
            });
        });
    }

    private Kernel AveragePoolKernel(Value value, PoolWindows windows)
    {
        Rows<T> x = Rows(value.Inputs[0]), y = Rows(value);
        Shape input = value.Inputs[0].Shape;
        return ForEachDatum(value, n =>
        {
            y[n].Clear();
            ForEachPixel(windows, input, pixel => AddShare(pixel.OfImage(x[n]), pixel.OfWindow(y[n]), pixel.PixelsInWindow));
        });
    }

    private Kernel AveragePoolGradientKernel(Value value, PoolWindows windows)
    {
        Rows<T> dy = Rows(value.Inputs[0]), dx = Rows(value);
        return ForEachDatum(value, n =>
        {
            dx[n].Clear();
            ForEachPixel(
                windows, value.Shape, pixel => AddShare(pixel.OfWindow(dy[n]), pixel.OfImage(dx[n]), pixel.PixelsInWindow));
        });
    }

    private static void AddShare(ReadOnlySpan<T> values, Span<T> sum, int pixelsInWindow)
    {
        T count = T.CreateChecked(pixelsInWindow);
        for (int c = 0; c < sum.Length; c++)
            sum[c] += values[c] / count;
    }

    /// <summary>Calls an action for every window of an image and every pixel of the window.</summary>
    private static void ForEachPixel(PoolWindows windows, Shape image, Action<WindowPixel> action)
    {
        (int height, int width, int channels) = (image[1], image[2], image[3]);
        (int rows, int columns) = (windows.OutputLength(height), windows.OutputLength(width));
        for (int window = 0; window < rows * columns; window++)
        {
            (int top, int bottom) = windows.Range(window / columns, height);
            (int left, int right) = windows.Range(window % columns, width);
            for (int y = top; y < bottom; y++)
            {
                for (int x = left; x < right; x++)
                {
                    action(new WindowPixel(
                        window, y * width + x, (y - top) * windows.Window + (x - left),
                        (bottom - top) * (right - left), channels));
                }
            }
        }
    }

    /// <summary>A pixel of the image as one of a window's.</summary>
    private readonly record struct WindowPixel(int Window, int Pixel, int Place, int PixelsInWindow, int Channels)
    {
        public Span<TElement> OfWindow<TElement>(Span<TElement> row) => row.Slice(Window * Channels, Channels);

        public Span<TElement> OfImage<TElement>(Span<TElement> row) => row.Slice(Pixel * Channels, Channels);
    }
}
