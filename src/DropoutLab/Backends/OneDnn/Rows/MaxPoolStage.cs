using System.Runtime.Intrinsics;

namespace DropoutLab.Backends.OneDnn.Rows;

/// <summary>y = the largest of each window; and, where somebody wants it, the place of the first such within the window.</summary>
internal sealed unsafe class MaxPoolStage(RowOperand x, RowOperand y, RowOperand? index, PoolGeometry geometry)
    : RowStage(index is null ? [x, y] : [x, y, index])
{
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
        for (; c + Vector256<float>.Count <= geometry.Channels; c += Vector256<float>.Count)
        {
            Vector256<int> best = Eight(image + c, top, bottom, left, right, out Vector256<float> maximum);
            maximum.Store(largest + c);
            if (places is not null)
                *(ulong*)(places + c) = NarrowToBytes(best);
        }

        for (; c < geometry.Channels; c++)
        {
            byte best = One(image + c, top, bottom, left, right, out largest[c]);
            if (places is not null)
                places[c] = best;
        }
    }

    private Vector256<int> Eight(float* image, int top, int bottom, int left, int right, out Vector256<float> maximum)
    {
        maximum = Vector256.Create(float.NegativeInfinity);
        Vector256<int> best = Vector256<int>.Zero;
        for (int row = top; row < bottom; row++)
        {
            float* pixel = image + (row * geometry.Width + left) * geometry.Channels;
            int number = (row - top) * geometry.Window;
            for (int column = left; column < right; column++, number++, pixel += geometry.Channels)
            {
                Vector256<float> value = Vector256.Load(pixel);
                Vector256<float> larger = Vector256.GreaterThan(value, maximum);
                maximum = Vector256.ConditionalSelect(larger, value, maximum);
                best = Vector256.ConditionalSelect(larger.AsInt32(), Vector256.Create(number), best);
            }
        }

        return best;
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

    private static ulong NarrowToBytes(Vector256<int> values)
    {
        Vector128<short> shorts = Vector128.Narrow(values.GetLower(), values.GetUpper());
        return Vector128.Narrow(shorts.AsUInt16(), shorts.AsUInt16()).AsUInt64().ToScalar();
    }
}
