using DropoutLab.Graph;
using DropoutLab.Graph.Operators;

namespace DropoutLab.Backends.Reference;

internal sealed partial class ReferenceLowering<T>
{
    private delegate void PixelAction(int output, int input, int place, int pixelsInWindow);

    private Kernel MaxPoolKernel(Value value, PoolWindows windows)
    {
        Rows<T> x = Rows(value.Inputs[0]), y = Rows(value);
        Shape input = value.Inputs[0].Shape;
        return ForEachDatum(value, n =>
        {
            y[n].Fill(T.NegativeInfinity);
            ForEachPixel(windows, input, (o, i, _, _) => y[n][o] = T.Max(y[n][o], x[n][i]));
        });
    }

    private Kernel MaxPoolIndexKernel(Value value, PoolWindows windows)
    {
        Rows<T> x = Rows(value.Inputs[0]);
        Rows<byte> index = new(builder.BufferOf(value), value.Shape.CountPerDatum);
        Shape input = value.Inputs[0].Shape;
        return ForEachDatum(value, n =>
        {
            T[] largest = new T[value.Shape.CountPerDatum];
            Array.Fill(largest, T.NegativeInfinity);
            index[n].Clear();
            ForEachPixel(windows, input, (o, i, place, _) =>
            {
                if (x[n][i] > largest[o])
                    (largest[o], index[n][o]) = (x[n][i], (byte)place);
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
            ForEachPixel(windows, value.Shape, (o, i, place, _) =>
            {
                if (index[n][o] == place)
                    dx[n][i] += dy[n][o];
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
            ForEachPixel(windows, input, (o, i, _, pixels) => y[n][o] += x[n][i] / T.CreateChecked(pixels));
        });
    }

    private Kernel AveragePoolGradientKernel(Value value, PoolWindows windows)
    {
        Rows<T> dy = Rows(value.Inputs[0]), dx = Rows(value);
        return ForEachDatum(value, n =>
        {
            dx[n].Clear();
            ForEachPixel(windows, value.Shape, (o, i, _, pixels) => dx[n][i] += dy[n][o] / T.CreateChecked(pixels));
        });
    }

    /// <summary>Calls an action for every window of an image, every pixel of the window, every channel.</summary>
    private static void ForEachPixel(PoolWindows windows, Shape image, PixelAction action)
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
                    int place = (y - top) * windows.Window + (x - left);
                    for (int c = 0; c < channels; c++)
                        action(window * channels + c, (y * width + x) * channels + c, place, (bottom - top) * (right - left));
                }
            }
        }
    }
}
