using System.Runtime.Intrinsics;

namespace DropoutLab.Backends.OneDnn.Rows;

/// <summary>y = the mean of each window over its pixels within the image.</summary>
internal sealed unsafe class AveragePoolStage(RowOperand x, RowOperand y, PoolGeometry geometry) : RowStage(x, y)
{
    public override void Run(in RowPlace place)
    {
        float* image = x.Floats(place), mean = y.Floats(place);
        foreach ((int top, int bottom) in geometry.Rows)
        {
            foreach ((int left, int right) in geometry.Columns)
            {
                Window(image, mean, top, bottom, left, right);
                mean += geometry.Channels;
            }
        }
    }

    private void Window(float* image, float* mean, int top, int bottom, int left, int right)
    {
        float share = 1f / ((bottom - top) * (right - left));
        int c = 0;
        for (; c + Vector256<float>.Count <= geometry.Channels; c += Vector256<float>.Count)
        {
            Vector256<float> sum = Vector256<float>.Zero;
            for (int row = top; row < bottom; row++)
            {
                float* pixel = image + (row * geometry.Width + left) * geometry.Channels + c;
                for (int column = left; column < right; column++, pixel += geometry.Channels)
                    sum += Vector256.Load(pixel);
            }

            (sum * share).Store(mean + c);
        }

        for (; c < geometry.Channels; c++)
            mean[c] = share * Sum(image + c, top, bottom, left, right);
    }

    private float Sum(float* image, int top, int bottom, int left, int right)
    {
        float sum = 0;
        for (int row = top; row < bottom; row++)
        {
            for (int column = left; column < right; column++)
                sum += image[(row * geometry.Width + column) * geometry.Channels];
        }

        return sum;
    }
}

/// <summary>dx of each pixel: the sum over the windows that it lies in of dy divided by the window's pixels.</summary>
internal sealed unsafe class AveragePoolGradientStage(RowOperand dy, RowOperand dx, PoolGeometry geometry) : RowStage(dy, dx)
{
    public override void Run(in RowPlace place)
    {
        float* signal = dy.Floats(place), pixel = dx.Floats(place);
        for (int row = 0; row < geometry.Height; row++)
        {
            for (int column = 0; column < geometry.Width; column++, pixel += geometry.Channels)
                Pixel(signal, pixel, geometry.CoveringRows[row], geometry.CoveringColumns[column]);
        }
    }

    private void Pixel(float* signal, float* pixel, (int Begin, int End) rows, (int Begin, int End) columns)
    {
        new Span<float>(pixel, geometry.Channels).Clear();
        for (int y = rows.Begin; y < rows.End; y++)
        {
            for (int x = columns.Begin; x < columns.End; x++)
            {
                float share = 1f / (Length(geometry.Rows[y]) * Length(geometry.Columns[x]));
                AddScaled(signal + (y * geometry.Columns.Length + x) * geometry.Channels, share, pixel);
            }
        }
    }

    private void AddScaled(float* source, float factor, float* sum)
    {
        int c = 0;
        for (; c + Vector256<float>.Count <= geometry.Channels; c += Vector256<float>.Count)
            (Vector256.Load(sum + c) + Vector256.Load(source + c) * factor).Store(sum + c);
        for (; c < geometry.Channels; c++)
            sum[c] += source[c] * factor;
    }

    private static int Length((int Begin, int End) range) => range.End - range.Begin;
}
