using DropoutLab.Data.Images;
using DropoutLab.Data.Matlab;

namespace DropoutLab.Data;

/// <summary>
/// One of SVHN's MATLAB files: <c>X</c> of 32 x 32 x 3 x N bytes, the row running fastest, and <c>y</c> of N x 1 labels from 1 to
/// 10, where 10 is the digit 0.
/// </summary>
internal sealed class SvhnFile
{
    private const int Side = 32;
    private const int Channels = 3;
    private const int PlaneLength = Side * Side;
    private const int ImageLength = Channels * PlaneLength;
    private const int Zero = 10;

    private readonly MatlabArray pixels;
    private readonly MatlabArray labels;

    private SvhnFile(MatlabArray pixels, MatlabArray labels, int count)
    {
        this.pixels = pixels;
        this.labels = labels;
        Count = count;
    }

    /// <summary>Number of images.</summary>
    public int Count { get; }

    /// <summary>Reads what the file promises to hold.</summary>
    /// <exception cref="DropoutLabException">It cannot be read, is damaged, or holds no such arrays.</exception>
    public static SvhnFile Open(string path)
    {
        MatlabArray pixels = MatlabFile.Find(path, "X");
        int count = pixels.Dimensions switch
        {
            [Side, Side, Channels, int images] => images,
            [Side, Side, Channels] => 1, // MATLAB drops an extent of 1 at the end
            _ => throw new DropoutLabException($"{path} holds X of {pixels.Shape} pixels, 32 x 32 x 3 x N are needed")
            { DamagedFile = path },
        };
        MatlabArray labels = MatlabFile.Find(path, "y");
        return labels.Dimensions is [var rows, 1] && rows == count
            ? new SvhnFile(pixels, labels, count)
            : throw new DropoutLabException(
                $"{path} holds y of {labels.Shape} labels, {count} x 1 are needed, one for each image of X")
            { DamagedFile = path };
    }

    /// <summary>Reads the files' images into one set, in the order given.</summary>
    /// <exception cref="DropoutLabException">
    /// One cannot be read, is damaged, has a label that is none; they are too many.
    /// </exception>
    public static ImageSet Join(IReadOnlyList<SvhnFile> files)
    {
        long count = files.Sum(file => (long)file.Count);
        if (count * ImageLength > Array.MaxLength)
            throw new DropoutLabException(
                $"{files[0].pixels.Path}: {count} images in all, at most {Array.MaxLength / ImageLength} can be loaded");
        byte[] pixels = GC.AllocateUninitializedArray<byte>((int)count * ImageLength);
        byte[] labels = new byte[count];
        ParallelReading.For(files.Count, index =>
        {
            int first = files.Take(index).Sum(file => file.Count);
            files[index].ReadLabels(labels.AsMemory(first));
            files[index].ReadPixels(pixels.AsMemory(first * ImageLength));
        });
        return new ImageSet(Side, Side, Channels, pixels, labels);
    }

    private void ReadLabels(Memory<byte> target) => labels.ReadBytes(Count, (_, values) =>
    {
        int foreign = values.IndexOfAnyExceptInRange((byte)1, (byte)Zero);
        if (foreign >= 0)
            throw new DropoutLabException(
                $"{labels.Path}: label {foreign} is {values[foreign]}, labels are 1 to {Zero}, which is the digit 0")
            { DamagedFile = labels.Path };
        for (int i = 0; i < values.Length; i++)
            target.Span[i] = (byte)(values[i] % Zero);
    });

    private void ReadPixels(Memory<byte> target) => pixels.ReadBytes(ImageLength, (image, values) =>
        Interleave(values, target.Span.Slice(image * ImageLength, ImageLength)));

    /// <summary>From planes, column by column, to NHWC.</summary>
    private static void Interleave(ReadOnlySpan<byte> planes, Span<byte> image)
    {
        int target = 0;
        for (int row = 0; row < Side; row++)
        {
            for (int source = row; source < PlaneLength; source += Side)
            {
                for (int channel = 0; channel < Channels; channel++)
                    image[target++] = planes[(channel * PlaneLength) + source];
            }
        }
    }
}
