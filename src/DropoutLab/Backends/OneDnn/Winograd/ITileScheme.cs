namespace DropoutLab.Backends.OneDnn.Winograd;

/// <summary>
/// The one-dimensional transforms of the Toom–Cook algorithm for a number of taps and of outputs, on eight channels at a time. The rows
/// of Bᵀ for ±a are the even and the odd half of one polynomial, added and subtracted; so are those of A.
/// Source: Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2016; the matrices are derived in docs/mathematics.md.
/// </summary>
internal unsafe interface ITileScheme
{
    /// <summary>The most points that a scheme has.</summary>
    const int MostPoints = 8;

    /// <summary>Taps of the kernel in each direction.</summary>
    static abstract int Kernel { get; }

    /// <summary>Output pixels of a tile in each direction.</summary>
    static abstract int Outputs { get; }

    /// <summary>Pixels of a tile in each direction, and points at which the polynomials are multiplied: kernel + outputs − 1.</summary>
    static abstract int Points { get; }

    /// <summary>The points but ∞, which is the last.</summary>
    static abstract ReadOnlySpan<double> FinitePoints { get; }

    /// <summary>Bᵀx: a tile's values to as many frequencies.</summary>
    static abstract void Input<TFrom>(TFrom from, float* to, nint toStride)
        where TFrom : struct, IVectorSource;

    /// <summary>Aᵀx: frequencies to outputs.</summary>
    static abstract void Output<TTo>(float* from, nint fromStride, TTo to)
        where TTo : struct, IVectorTarget;

    /// <summary>Ax, the adjoint of <see cref="Output"/>: outputs to frequencies.</summary>
    static abstract void OutputAdjoint<TFrom>(TFrom from, float* to, nint toStride)
        where TFrom : struct, IVectorSource;
}
