namespace DropoutLab.Backends.OneDnn.Winograd;

/// <summary>
/// The one-dimensional transforms of the Toom–Cook algorithm for a number of taps and of outputs, on eight channels at a time.
/// The rows of Bᵀ for ±a are the even and the odd half of one polynomial, added and subtracted; so are those of A.
/// Source: Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2016; the matrices are derived in
/// docs/mathematics.md.
/// </summary>
internal interface ITileScheme
{
    /// <summary>The most pixels or outputs that a tile has in each direction.</summary>
    const int MostPixels = 9;

    /// <summary>The most points that a scheme has.</summary>
    const int MostPoints = 9;

    /// <summary>Taps of the kernel in each direction.</summary>
    static abstract int Kernel { get; }

    /// <summary>Pixels of the convolution's input from one output to the next.</summary>
    static abstract int Stride { get; }

    /// <summary>Pixels of a tile in each direction.</summary>
    static abstract int Pixels { get; }

    /// <summary>Pixels from a tile to the next.</summary>
    static abstract int Step { get; }

    /// <summary>Output pixels of a tile in each direction.</summary>
    static abstract int Outputs { get; }

    /// <summary>Frequencies of a tile in each direction.</summary>
    static abstract int Points { get; }

    /// <summary>G [points × taps].</summary>
    static abstract float[] KernelMatrix();

    /// <summary>Bᵀx: a tile's values to as many frequencies.</summary>
    static abstract void Input<TFrom, TTo>(TFrom from, TTo to)
        where TFrom : struct, IVectorSource
        where TTo : struct, IVectorTarget;

    /// <summary>Aᵀx: frequencies to outputs.</summary>
    static abstract void Output<TFrom, TTo>(TFrom from, TTo to)
        where TFrom : struct, IVectorSource
        where TTo : struct, IVectorTarget;

    /// <summary>Ax, the adjoint of <see cref="Output"/>: outputs to frequencies.</summary>
    static abstract void OutputAdjoint<TFrom, TTo>(TFrom from, TTo to)
        where TFrom : struct, IVectorSource
        where TTo : struct, IVectorTarget;
}
