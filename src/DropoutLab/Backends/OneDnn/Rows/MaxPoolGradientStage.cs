using System.Runtime.Intrinsics;

namespace DropoutLab.Backends.OneDnn.Rows;

/// <summary>
/// dx of each pixel: the sum of dy over the windows that it lies in and is the maximum of. Each pixel is written once, so that
/// nothing need be cleared before.
/// </summary>
internal sealed unsafe class MaxPoolGradientStage(RowOperand dy, RowOperand index, RowOperand dx, PoolGeometry geometry)
    : RowStage(dy, index, dx)
{
    public override void Run(in RowPlace place)
    {
        float* signal = dy.Floats(place), pixel = dx.Floats(place);
        byte* places = index.At(place);
        for (int row = 0; row < geometry.Height; row++)
        {
            for (int column = 0; column < geometry.Width; column++, pixel += geometry.Channels)
                Pixel(signal, places, pixel, row, column);
        }
    }

    private void Pixel(float* signal, byte* places, float* pixel, int row, int column)
    {
        int c = 0;
        for (; c + Vector256<float>.Count <= geometry.Channels; c += Vector256<float>.Count)
            Eight(signal + c, places + c, row, column).Store(pixel + c);
        for (; c < geometry.Channels; c++)
            pixel[c] = One(signal + c, places + c, row, column);
    }

    private Vector256<float> Eight(float* signal, byte* places, int row, int column)
    {
        Vector256<float> sum = Vector256<float>.Zero;
        (int top, int bottom) = geometry.CoveringRows[row];
        (int left, int right) = geometry.CoveringColumns[column];
        for (int y = top; y < bottom; y++)
        {
            int rowPlace = (row - geometry.Rows[y].Begin) * geometry.Window + column;
            for (int x = left; x < right; x++)
            {
                int at = (y * geometry.Columns.Length + x) * geometry.Channels;
                Vector256<int> mine = Vector256.Create(rowPlace - geometry.Columns[x].Begin);
                sum += Vector256.Load(signal + at) & Vector256.Equals(WidenBytes(places + at), mine).AsSingle();
            }
        }

        return sum;
    }

    private float One(float* signal, byte* places, int row, int column)
    {
        float sum = 0;
        (int top, int bottom) = geometry.CoveringRows[row];
        (int left, int right) = geometry.CoveringColumns[column];
        for (int y = top; y < bottom; y++)
        {
            for (int x = left; x < right; x++)
            {
                int at = (y * geometry.Columns.Length + x) * geometry.Channels;
                if (places[at] == (row - geometry.Rows[y].Begin) * geometry.Window + column - geometry.Columns[x].Begin)
                    sum += signal[at];
            }
        }

        return sum;
    }

    private static Vector256<int> WidenBytes(byte* bytes)
    {
        Vector128<ushort> shorts = Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(ulong*)bytes).AsByte());
        return Vector256.Create(Vector128.WidenLower(shorts), Vector128.WidenUpper(shorts)).AsInt32();
    }
}
