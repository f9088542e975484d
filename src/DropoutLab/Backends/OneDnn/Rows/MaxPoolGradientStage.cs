using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DropoutLab.Backends.OneDnn.Rows;

/// <summary>
/// dx of each pixel: the sum of dy over the windows that it lies in and is the maximum of. Each pixel is written once, so that
/// nothing need be cleared before.
/// </summary>
internal sealed unsafe class MaxPoolGradientStage(RowOperand dy, RowOperand index, RowOperand dx, PoolGeometry geometry)
    : RowStage(dy, index, dx)
{
    private const int Lanes = 8;

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
        for (; c + 2 * Lanes <= geometry.Channels; c += 2 * Lanes)
            Sixteen(signal + c, places + c, row, column, pixel + c);
        for (; c < geometry.Channels; c++)
            pixel[c] = One(signal + c, places + c, row, column);
    }

    private void Sixteen(float* signal, byte* places, int row, int column, float* pixel)
    {
        Vector256<float> first = Vector256<float>.Zero, second = first;
        (int top, int bottom) = geometry.CoveringRows[row];
        (int left, int right) = geometry.CoveringColumns[column];
        for (int y = top; y < bottom; y++)
        {
            int rowPlace = (row - geometry.Rows[y].Begin) * geometry.Window + column;
            for (int x = left; x < right; x++)
            {
                int at = (y * geometry.Columns.Length + x) * geometry.Channels;
                Vector128<byte> mine = Vector128.Create((byte)(rowPlace - geometry.Columns[x].Begin));
                Vector128<sbyte> equal = Vector128.Equals(Vector128.Load(places + at), mine).AsSByte();
                (Vector128<short> low, Vector128<short> high) = Vector128.Widen(equal);
                first += Vector256.Load(signal + at) & WidenMask(low);
                second += Vector256.Load(signal + at + Lanes) & WidenMask(high);
            }
        }

        first.Store(pixel);
        second.Store(pixel + Lanes);
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

    /// <summary>All ones stay all ones as the sign is kept.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> WidenMask(Vector128<short> mask) =>
        Vector256.Create(Vector128.WidenLower(mask), Vector128.WidenUpper(mask)).AsSingle();
}
