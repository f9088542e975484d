namespace DropoutLab.Data;

/// <summary>
/// The images of one file of CIFAR-10's binary records: a label byte, then 1,024 red, 1,024 green and 1,024 blue bytes, row by
/// row, 3,073 bytes a record.
/// </summary>
internal sealed record CifarRecords(byte[] Pixels, byte[] Labels)
{
    private const int Side = 32;
    private const int Channels = 3;
    private const int PlaneLength = Side * Side;
    private const int ImageLength = Channels * PlaneLength;
    private const int RecordLength = 1 + ImageLength;
    private const int ClassCount = 10;
    private const int RecordsPerFile = 10_000; // in the official files; any other whole number is as good
    private const int RecordsPerBlock = 64;

    /// <summary>Reads <paramref name="length"/> bytes of records and turns the planes into NHWC.</summary>
    /// <exception cref="DropoutLabException">The length is no whole number of records, or a label is above 9.</exception>
    /// <exception cref="EndOfStreamException">The stream ends early.</exception>
    public static CifarRecords Read(Stream stream, long length, string path)
    {
        if (length == 0 || length % RecordLength != 0 || length > Array.MaxLength)
            throw new DropoutLabException(
                $"{path} has {length} bytes: "
                + $"a CIFAR-10 record has {RecordLength}, an official file {RecordLength * RecordsPerFile}");
        int count = (int)(length / RecordLength);
        byte[] pixels = GC.AllocateUninitializedArray<byte>(count * ImageLength);
        byte[] labels = new byte[count];
        byte[] block = new byte[RecordsPerBlock * RecordLength];
        for (int first = 0; first < count; first += RecordsPerBlock)
        {
            int end = Math.Min(first + RecordsPerBlock, count);
            stream.ReadExactly(block, 0, (end - first) * RecordLength);
            for (int index = first; index < end; index++)
            {
                ReadOnlySpan<byte> record = block.AsSpan((index - first) * RecordLength, RecordLength);
                labels[index] = record[0] < ClassCount ? record[0]
                    : throw new DropoutLabException(
                        $"{path}: record {index} has the label {record[0]}, labels are 0 to {ClassCount - 1}");
                Interleave(record[1..], pixels.AsSpan(index * ImageLength, ImageLength));
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
        long length = files.Sum(file => (long)part(file).Length);
        if (length > Array.MaxLength)
            throw new DropoutLabException(
                $"the CIFAR-10 training files hold {length} bytes together, at most {Array.MaxLength} can be loaded");
        byte[] joined = GC.AllocateUninitializedArray<byte>((int)length);
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
