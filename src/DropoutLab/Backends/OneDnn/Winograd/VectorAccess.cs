using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace DropoutLab.Backends.OneDnn.Winograd;

/// <summary>Where a line's vectors are read.</summary>
internal interface IVectorSource
{
    Vector256<float> this[int index] { get; }
}

/// <summary>Where a line's vectors go.</summary>
internal interface IVectorTarget
{
    void Store(int index, Vector256<float> value);
}

/// <summary>Vectors that lie equally far from one another.</summary>
internal readonly unsafe struct EvenlySpaced(float* first, nint stride) : IVectorSource, IVectorTarget
{
    public Vector256<float> this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector256.Load(first + index * stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(int index, Vector256<float> value) => value.Store(first + index * stride);
}

/// <summary>The vectors at one place of several rows.</summary>
internal readonly unsafe struct AcrossRows(float** rows, nint offset) : IVectorSource
{
    public Vector256<float> this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector256.Load(rows[index] + offset);
    }
}

/// <summary>
/// The same place of several rows, where a bias is added and what is less than <paramref name="least"/> is raised to it.
/// </summary>
internal readonly unsafe struct IntoRows(float** rows, nint offset, Vector256<float> bias, Vector256<float> least) : IVectorTarget
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(int index, Vector256<float> value) => Vector256.Max(value + bias, least).Store(rows[index] + offset);
}
