namespace DropoutLab.Dropout;

/// <summary>
/// The drawn mask of a minibatch: one row a datum, one bit a feature, 1 for kept. Its bits are those of
/// <see cref="MaskStream.Keeps"/>, hence the same that training uses under the same names.
/// </summary>
public sealed class DropMask
{
    private readonly ulong[] words;
    private readonly int wordsPerRow;

    private DropMask(int rows, int features)
    {
        Rows = rows;
        Features = features;
        wordsPerRow = MaskKernels.WordsPerRow(features);
        words = new ulong[checked(rows * wordsPerRow)];
    }

    /// <summary>The number of data.</summary>
    public int Rows { get; }

    /// <summary>The number of features of a datum.</summary>
    public int Features { get; }

    /// <summary>
    /// The bits, [rows × ⌈features / 64⌉]: feature f of a row at bit f mod 64 of its word ⌊f / 64⌋, 0 beyond the last feature.
    /// </summary>
    public ReadOnlySpan<ulong> Words => words;

    /// <summary>Whether a feature is kept.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row or feature.</exception>
    public bool this[int row, int feature]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Rows, nameof(row));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)feature, (uint)Features, nameof(feature));
            return (words[row * wordsPerRow + feature / 64] >> (feature % 64) & 1) != 0;
        }
    }

    /// <summary>Draws a mask.</summary>
    /// <param name="stream">Which mask: seed, layer, number, step and ratio.</param>
    /// <param name="rows">The number of data.</param>
    /// <param name="features">The number of features of a datum.</param>
    /// <param name="sharing">Per datum if left out.</param>
    /// <param name="firstDatum">The index of row 0 in its minibatch: not 0 where this is a part of one.</param>
    /// <inheritdoc cref="Draw(in MaskStream, ReadOnlySpan{int}, MaskSharing?, uint)" path="/exception"/>
    public static DropMask Draw(in MaskStream stream, int rows, int features, MaskSharing? sharing = null, uint firstDatum = 0) =>
        Draw(stream, [rows, features], sharing, firstDatum);

    /// <summary>Draws the mask of an input with several axes.</summary>
    /// <param name="stream">Which mask: seed, layer, number, step and ratio.</param>
    /// <param name="shape">The input's axes, the batch first; the features are the rest in row-major order.</param>
    /// <param name="sharing">Per datum if left out.</param>
    /// <param name="firstDatum">The index of row 0 in its minibatch: not 0 where this is a part of one.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is negative, or there is none.</exception>
    /// <exception cref="DropoutLabException">The sharing does not fit the shape.</exception>
    public static unsafe DropMask Draw(
        in MaskStream stream, ReadOnlySpan<int> shape, MaskSharing? sharing = null, uint firstDatum = 0)
    {
        ArgumentOutOfRangeException.ThrowIfZero(shape.Length, nameof(shape));
        foreach (int length in shape)
            ArgumentOutOfRangeException.ThrowIfNegative(length, nameof(shape));
        MaskPattern pattern = new(sharing ?? MaskSharing.PerDatum, shape);
        DropMask mask = new(shape[0], pattern.Features);
        fixed (ulong* bits = mask.words)
        {
            for (int row = 0; row < mask.Rows; row++)
                pattern.DrawRow(stream, firstDatum + (uint)row, bits + row * mask.wordsPerRow);
        }

        return mask;
    }
}
