using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Cli;

/// <summary>A folder with made-up images in CIFAR-10's record format, in which a label shows as a brighter stripe.</summary>
internal static class TinyCifar
{
    public const int TrainCount = 5 * ImagesPerFile;
    public const int TestCount = ImagesPerFile;

    private const int ImagesPerFile = 60;
    private const int ImageLength = 3072;
    private const int StripeLength = 96;

    /// <summary>Writes the six files into data/ below the folder; returns the path of that.</summary>
    public static string Make(TemporaryFolder folder)
    {
        System.Random random = new(7);
        for (int file = 1; file <= 6; file++)
            folder.Make(Path.Combine("data", file <= 5 ? $"data_batch_{file}.bin" : "test_batch.bin"), Records(random));
        return folder["data"];
    }

    /// <summary>Moves the labels of a file's records on by one (labels), or turns the records around (order).</summary>
    public static void Change(string data, string file, string what)
    {
        byte[][] records = [.. File.ReadAllBytes(Path.Combine(data, file)).Chunk(1 + ImageLength)];
        foreach (byte[] record in records)
            record[0] = (byte)(what == "labels" ? (record[0] + 1) % 10 : record[0]);
        File.WriteAllBytes(Path.Combine(data, file),
            [.. (what == "order" ? records.AsEnumerable().Reverse() : records).SelectMany(record => record)]);
    }

    private static byte[] Records(System.Random random)
    {
        byte[] records = new byte[ImagesPerFile * (1 + ImageLength)];
        random.NextBytes(records);
        for (int image = 0; image < ImagesPerFile; image++)
        {
            Span<byte> record = records.AsSpan(image * (1 + ImageLength), 1 + ImageLength);
            record[0] = (byte)random.Next(10);
            record.Slice(1 + record[0] * StripeLength, StripeLength).Fill(255);
        }

        return records;
    }
}
