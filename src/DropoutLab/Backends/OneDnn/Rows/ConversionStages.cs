using System.Runtime.Intrinsics;

namespace DropoutLab.Backends.OneDnn.Rows;

/// <summary>bfloat16 to float: exact.</summary>
internal sealed unsafe class WidenStage(RowOperand x, RowOperand y, int length) : RowStage(x, y)
{
    public override void Run(in RowPlace place)
    {
        ushort* from = (ushort*)x.At(place);
        float* to = y.Floats(place);
        int i = 0;
        for (; i + 2 * Vector256<float>.Count <= length; i += 2 * Vector256<float>.Count)
        {
            (Vector256<uint> low, Vector256<uint> high) = Vector256.Widen(Vector256.Load(from + i));
            (low << 16).Store((uint*)to + i);
            (high << 16).Store((uint*)to + i + Vector256<float>.Count);
        }

        for (; i < length; i++)
            to[i] = BFloat16Bits.ToSingle(from[i]);
    }
}

/// <summary>float to bfloat16, rounded to nearest, ties to even.</summary>
internal sealed unsafe class NarrowStage(RowOperand x, RowOperand y, int length) : RowStage(x, y)
{
    public override void Run(in RowPlace place) => Round(x.Floats(place), (ushort*)y.At(place), length);

    public static void Round(float* from, ushort* to, int length)
    {
        int i = 0;
        for (; i + 2 * Vector256<float>.Count <= length; i += 2 * Vector256<float>.Count)
            Vector256.Narrow(Upper(Vector256.Load(from + i)), Upper(Vector256.Load(from + i + Vector256<float>.Count))).Store(to + i);
        for (; i < length; i++)
            to[i] = BFloat16Bits.FromSingle(from[i]);
    }

    private static Vector256<uint> Upper(Vector256<float> value)
    {
        Vector256<uint> bits = value.AsUInt32();
        Vector256<uint> odd = (bits >> 16) & Vector256<uint>.One;
        Vector256<uint> rounded = (bits + Vector256.Create(0x7fffu) + odd) >> 16;
        Vector256<uint> quietNaN = (bits >> 16) | Vector256.Create(0x40u);
        return Vector256.ConditionalSelect(Vector256.Equals(value, value).AsUInt32(), rounded, quietNaN);
    }
}
