using System.Formats.Tar;
using System.IO.Compression;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Data;

/// <summary>Small CIFAR-10 files whose every pixel is a known function of file, record, channel and place.</summary>
internal static class CifarFiles
{
    public const int RecordLength = 3073;

    public static readonly string[] Names =
        ["data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin"];

    /// <summary>Records in a file: one in the first, two in the second and so on, 70 in the last.</summary>
    public static int Count(int file) => file == 5 ? 70 : file + 1;

    public static byte Label(int file, int record) => (byte)((file + (3 * record)) % 10);

    public static byte Pixel(int file, int record, int channel, int y, int x) =>
        (byte)((file * 131) + (record * 61) + (channel * 29) + (y * 7) + (x * 3));

    public static byte[] Records(int file) =>
        [.. Enumerable.Range(0, Count(file)).SelectMany(record => Planes(file, record).Prepend(Label(file, record)))];

    public static void MakeFolder(TemporaryFolder folder, string subFolder = "")
    {
        for (int file = 0; file < Names.Length; file++)
            folder.Make(Path.Combine(subFolder, Names[file]), Records(file));
    }

    public static byte[] Archive(IEnumerable<int> files)
    {
        MemoryStream bytes = new MemoryStream();
        using (GZipStream zipped = new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true))
        using (TarWriter archive = new TarWriter(zipped, TarEntryFormat.Ustar))
        {
            archive.WriteEntry(new UstarTarEntry(TarEntryType.Directory, "cifar-10-batches-bin/"));
            archive.WriteEntry(Entry("cifar-10-batches-bin/readme.html", "<html>"u8.ToArray()));
            foreach (int file in files)
                archive.WriteEntry(Entry($"cifar-10-batches-bin/{Names[file]}", Records(file)));
        }

        return bytes.ToArray();
    }

    private static UstarTarEntry Entry(string name, byte[] content) =>
        new(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) };

    private static IEnumerable<byte> Planes(int file, int record) =>
        from channel in Enumerable.Range(0, 3)
        from y in Enumerable.Range(0, 32)
        from x in Enumerable.Range(0, 32)
        select Pixel(file, record, channel, y, x);
}
