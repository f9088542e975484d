using DropoutLab.Data.Images;

namespace DropoutLab.Data;

/// <summary>The images of one file of binary records, each of them label bytes and then the colours' planes.</summary>
internal sealed record CifarRecords(byte[] Pixels, byte[] Labels)
{
    public const int ImageLength = Channels * PlaneLength;

    private const int Side = 32;
    private const int Channels = 3;
    private const int PlaneLength = Side * Side;
    private const int RecordsPerBlock = 64;

    /// <summary>Refuses files that no array holds together, before any of them is read.</summary>
    public static void RequireLoadable(long length, string path)
    {
        if (length > Array.MaxLength)
            throw new DropoutLabException(
                $"{path}: the record files have {length} bytes together, at most {Array.MaxLength} can be loaded");
    }

    /// <summary>Reads <paramref name="length"/> bytes of records and turns the planes into NHWC.</summary>
    /// <exception cref="DropoutLabException">The length is no whole number of records, or a label is none.</exception>
    /// <exception cref="EndOfStreamException">The stream ends early.</exception>
    public static CifarRecords Read(Stream stream, long length, string path, CifarFormat format, CifarFile file)
    {
        int recordLength = format.RecordLength;
        if (length == 0 || length % recordLength != 0)
            throw new DropoutLabException(
                $"{path} has {length} bytes: "
                + $"a {format.Title} record has {recordLength}, the official file {(long)recordLength * file.RecordCount}")
            { DamagedFile = path };
        int count = (int)(length / recordLength);
        byte[] pixels = GC.AllocateUninitializedArray<byte>(count * ImageLength);
        byte[] labels = new byte[count];
        byte[] block = new byte[RecordsPerBlock * recordLength];
        for (int first = 0; first < count; first += RecordsPerBlock)
        {
            int end = Math.Min(first + RecordsPerBlock, count);
            stream.ReadExactly(block, 0, (end - first) * recordLength);
            for (int index = first; index < end; index++)
            {
                ReadOnlySpan<byte> record = block.AsSpan((index - first) * recordLength, recordLength);
                byte label = record[format.LabelPosition];
                labels[index] = label < format.ClassCount ? label
                    : throw new DropoutLabException(
                        $"{path}: record {index} has the label {label}, labels are 0 to {format.ClassCount - 1}")
                    { DamagedFile = path };
                Interleave(record[format.LabelLength..], pixels.AsSpan(index * ImageLength, ImageLength));
            }
        }

        return new CifarRecords(pixels, labels);
    }

    /// <summary>The files' images in one set, in the order given.</summary>
    public static ImageSet Join(IReadOnlyList<CifarRecords> files)
    {
        return files is [var only]
            ? new ImageSet(Side, Side, Channels, only.Pixels, only.Labels)
            : new ImageSet(Side, Side, Channels, Joined(files, file => file.Pixels), Joined(files, file => file.Labels));
    }

    private static byte[] Joined(IReadOnlyList<CifarRecords> files, Func<CifarRecords, byte[]> part)
    {
        byte[] joined = GC.AllocateUninitializedArray<byte>(files.Sum(file => part(file).Length));
        int position = 0;
        foreach (CifarRecords file in files)
        {
            part(file).CopyTo(joined, position);
            position += part(file).Length;
        }

        return joined;
    }

    private static void Interleave(ReadOnlySpan<byte> planes, Span<byte> image)
    {
        ReadOnlySpan<byte> red = planes[..PlaneLength];
        ReadOnlySpan<byte> green = planes.Slice(PlaneLength, PlaneLength);
        ReadOnlySpan<byte> blue = planes.Slice(2 * PlaneLength, PlaneLength);
        for (int pixel = 0, target = 0; pixel < PlaneLength; pixel++, target += Channels)
        {
            image[target] = red[pixel];
            image[target + 1] = green[pixel];
            image[target + 2] = blue[pixel];
        }
    }
}

/// <summary>
/// What a record of one of the CIFAR sets begins with. All of them go on with 1,024 red, 1,024 green and 1,024 blue bytes, row by
/// row.
/// </summary>
/// <param name="Title">The set's name, for errors.</param>
/// <param name="LabelLength">Label bytes of a record.</param>
/// <param name="LabelPosition">Which of them is read, counted from 0.</param>
/// <param name="ClassCount">Labels are below this.</param>
internal sealed record CifarFormat(string Title, int LabelLength, int LabelPosition, int ClassCount)
{
    public int RecordLength => LabelLength + CifarRecords.ImageLength;
}

/// <summary>A file of records.</summary>
/// <param name="Name">Its name.</param>
/// <param name="RecordCount">Records in the official file; any other number above 0 is as good.</param>
internal sealed record CifarFile(string Name, int RecordCount);
