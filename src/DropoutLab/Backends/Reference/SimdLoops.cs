using System.Numerics;
using System.Runtime.InteropServices;

namespace DropoutLab.Backends.Reference;

/// <summary>The two inner loops of the reference convolutions and products, over vectors of whatever width there is.</summary>
internal static class SimdLoops
{
    /// <summary>y[o] += Σᵢ a[i] M[i, o].</summary>
    public static void AddRowTimesMatrix<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> matrix, Span<T> y)
        where T : unmanaged, INumberBase<T>
    {
        int columns = y.Length, o = 0;
        ref T m = ref MemoryMarshal.GetReference(matrix);
        ref T sum = ref MemoryMarshal.GetReference(y);
        for (; o + 4 * Vector<T>.Count <= columns; o += 4 * Vector<T>.Count)
            AddFourVectors(a, ref m, ref sum, columns, o);
        for (; o + Vector<T>.Count <= columns; o += Vector<T>.Count)
        {
            Vector<T> total = Vector.LoadUnsafe(ref sum, (nuint)o);
            for (int i = 0; i < a.Length; i++)
                total += a[i] * Vector.LoadUnsafe(ref m, (nuint)(i * columns + o));
            total.StoreUnsafe(ref sum, (nuint)o);
        }

        for (; o < columns; o++)
        {
            for (int i = 0; i < a.Length; i++)
                y[o] += a[i] * matrix[i * columns + o];
        }
    }

    /// <summary>M[i, o] += a[i] b[o].</summary>
    public static void AddOuterProduct<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<T> matrix)
        where T : unmanaged, INumberBase<T>
    {
        ref T right = ref MemoryMarshal.GetReference(b);
        for (int i = 0; i < a.Length; i++)
        {
            Span<T> row = matrix.Slice(i * b.Length, b.Length);
            ref T sum = ref MemoryMarshal.GetReference(row);
            Vector<T> left = new(a[i]);
            int o = 0;
            for (; o + Vector<T>.Count <= row.Length; o += Vector<T>.Count)
                (Vector.LoadUnsafe(ref sum, (nuint)o) + left * Vector.LoadUnsafe(ref right, (nuint)o))
                    .StoreUnsafe(ref sum, (nuint)o);
            for (; o < row.Length; o++)
                row[o] += a[i] * b[o];
        }
    }

    /// <summary>Four sums at a time, so that their additions need not wait for one another.</summary>
    private static void AddFourVectors<T>(ReadOnlySpan<T> a, ref T m, ref T sum, int columns, int o)
        where T : unmanaged, INumberBase<T>
    {
        nuint at = (nuint)o, width = (nuint)Vector<T>.Count;
        Vector<T> s0 = Vector.LoadUnsafe(ref sum, at), s1 = Vector.LoadUnsafe(ref sum, at + width);
        Vector<T> s2 = Vector.LoadUnsafe(ref sum, at + 2 * width), s3 = Vector.LoadUnsafe(ref sum, at + 3 * width);
        for (int i = 0; i < a.Length; i++)
        {
            Vector<T> factor = new(a[i]);
            nuint row = (nuint)(i * columns) + at;
            s0 += factor * Vector.LoadUnsafe(ref m, row);
            s1 += factor * Vector.LoadUnsafe(ref m, row + width);
            s2 += factor * Vector.LoadUnsafe(ref m, row + 2 * width);
            s3 += factor * Vector.LoadUnsafe(ref m, row + 3 * width);
        }

        s0.StoreUnsafe(ref sum, at);
        s1.StoreUnsafe(ref sum, at + width);
        s2.StoreUnsafe(ref sum, at + 2 * width);
        s3.StoreUnsafe(ref sum, at + 3 * width);
    }
}
