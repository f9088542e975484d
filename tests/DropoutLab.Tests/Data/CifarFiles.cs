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

    public static byte[] Archive(IEnumerable<int> files) =>
        Zip(Pack("cifar-10-batches-bin", files.Select(file => (Names[file], Records(file)))));

    /// <summary>A tape archive of one folder, with a file of text before the others.</summary>
    public static byte[] Pack(string folder, IEnumerable<(string Name, byte[] Content)> files)
    {
        MemoryStream bytes = new MemoryStream();
        using (TarWriter archive = new TarWriter(bytes, TarEntryFormat.Ustar))
        {
            archive.WriteEntry(new UstarTarEntry(TarEntryType.Directory, folder + "/"));
            archive.WriteEntry(Entry($"{folder}/readme.html", "<html>"u8.ToArray()));
            foreach ((string name, byte[] content) in files)
                archive.WriteEntry(Entry($"{folder}/{name}", content));
        }

        return bytes.ToArray();
    }

    public static byte[] Zip(byte[] bytes)
    {
        MemoryStream zipped = new MemoryStream();
        using (GZipStream stream = new GZipStream(zipped, CompressionLevel.Fastest, leaveOpen: true))
            stream.Write(bytes);
        return zipped.ToArray();
    }

    public static IEnumerable<byte> Planes(int file, int record) =>
        from channel in Enumerable.Range(0, 3)
        from y in Enumerable.Range(0, 32)
        from x in Enumerable.Range(0, 32)
        select Pixel(file, record, channel, y, x);

    private static UstarTarEntry Entry(string name, byte[] content) =>
        new(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) };
}
