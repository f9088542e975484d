using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DropoutLab.Backends.OneDnn.Rows;

/// <summary>
/// y = the largest of each window; and, where somebody wants it, the place of the first such within the window.
/// </summary>
internal sealed unsafe class MaxPoolStage(RowOperand x, RowOperand y, RowOperand? index, PoolGeometry geometry)
    : RowStage(index is null ? [x, y] : [x, y, index])
{
    private const int Lanes = 8;

    public override void Run(in RowPlace place)
    {
        float* image = x.Floats(place), largest = y.Floats(place);
        byte* places = index is null ? null : index.At(place);
        foreach ((int top, int bottom) in geometry.Rows)
        {
            foreach ((int left, int right) in geometry.Columns)
            {
                Window(image, largest, places, top, bottom, left, right);
                largest += geometry.Channels;
                places += places is null ? 0 : geometry.Channels;
            }
        }
    }

    private void Window(float* image, float* largest, byte* places, int top, int bottom, int left, int right)
    {
        int c = 0;
        for (; c + 2 * Lanes <= geometry.Channels; c += 2 * Lanes)
        {
            // Two at a time: each comparison waits for the one before it in its own half only.
            Vector256<float> first = Vector256.Create(float.NegativeInfinity), second = first;
            Vector256<int> firstPlace = Vector256<int>.Zero, secondPlace = firstPlace;
            for (int row = top; row < bottom; row++)
            {
                float* pixel = image + (row * geometry.Width + left) * geometry.Channels + c;
                int number = (row - top) * geometry.Window;
                for (int column = left; column < right; column++, number++, pixel += geometry.Channels)
                {
                    Vector256<int> here = Vector256.Create(number);
                    TakeLarger(Vector256.Load(pixel), here, ref first, ref firstPlace);
                    TakeLarger(Vector256.Load(pixel + Lanes), here, ref second, ref secondPlace);
                }
            }

            first.Store(largest + c);
            second.Store(largest + c + Lanes);
            if (places is not null)
                Vector128.Narrow(NarrowToShorts(firstPlace), NarrowToShorts(secondPlace)).Store(places + c);
        }

        for (; c < geometry.Channels; c++)
        {
            byte best = One(image + c, top, bottom, left, right, out largest[c]);
            if (places is not null)
                places[c] = best;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TakeLarger(
        Vector256<float> value, Vector256<int> here, ref Vector256<float> maximum, ref Vector256<int> place)
    {
        Vector256<float> larger = Vector256.GreaterThan(value, maximum);
        maximum = Vector256.ConditionalSelect(larger, value, maximum);
        place = Vector256.ConditionalSelect(larger.AsInt32(), here, place);
    }

    private byte One(float* image, int top, int bottom, int left, int right, out float maximum)
    {
        maximum = float.NegativeInfinity;
        int best = 0;
        for (int row = top; row < bottom; row++)
        {
            for (int column = left; column < right; column++)
            {
                float value = image[(row * geometry.Width + column) * geometry.Channels];
                if (value > maximum)
                    (maximum, best) = (value, (row - top) * geometry.Window + column - left);
            }
        }

        return (byte)best;
    }

    private static Vector128<ushort> NarrowToShorts(Vector256<int> values) =>
        Vector128.Narrow(values.GetLower().AsUInt32(), values.GetUpper().AsUInt32());
}
