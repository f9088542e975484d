using DropoutLab.Data;
using DropoutLab.Data.Images;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Data;

public sealed class Cifar10Tests : IDisposable
{
    private const string ArchiveName = "cifar-10-binary.tar.gz";

    private readonly TemporaryFolder folder = new();
    private readonly Cifar10 cifar = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void ReadsTheFolderItself()
    {
        CifarFiles.MakeFolder(folder);

        Assert.Equal(folder.Root, cifar.Locate(folder.Root));
        AssertIsTheSet(cifar.Read(folder.Root));
    }

    [Fact]
    public void ReadsTheSubFolder()
    {
        CifarFiles.MakeFolder(folder, "cifar-10-batches-bin");

        Assert.Equal(folder["cifar-10-batches-bin"], cifar.Locate(folder.Root));
        AssertIsTheSet(cifar.Read(folder["cifar-10-batches-bin"]));
    }

    [Fact]
    public void ReadsTheArchiveAndWritesNothing()
    {
        folder.Make(ArchiveName, CifarFiles.Archive([5, 4, 2, 3, 0, 1]));

        Assert.Equal(folder[ArchiveName], cifar.Locate(folder.Root));
        AssertIsTheSet(cifar.Read(folder[ArchiveName]));
        Assert.Equal([ArchiveName], folder.Files());
    }

    [Fact]
    public void AnIncompleteFolderIsNotTheSet()
    {
        CifarFiles.MakeFolder(folder);
        File.Delete(folder["data_batch_3.bin"]);

        Assert.Null(cifar.Locate(folder.Root));
        Assert.Null(cifar.Locate(folder["nowhere"]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(CifarFiles.RecordLength - 1)]
    [InlineData(CifarFiles.RecordLength + 1)]
    [InlineData(2 * 3074)] // CIFAR-100 has two label bytes
    public void AFileThatIsNotMadeOfRecordsIsNamed(int length)
    {
        CifarFiles.MakeFolder(folder);
        folder.Make("data_batch_4.bin", new byte[length]);

        OneLine.Throws(() => cifar.Read(folder.Root), $"{folder["data_batch_4.bin"]} has {length} bytes", "3073", "30730000");
    }

    /// <summary>Each could be read, and all of them would take five times the memory that an array can.</summary>
    [Fact]
    public void FilesThatAreTooLargeTogetherAreNotRead()
    {
        const long Length = 500_000L * CifarFiles.RecordLength;
        CifarFiles.MakeFolder(folder);
        foreach (string name in Directory.GetFiles(folder.Root))
        {
            using FileStream sparse = File.OpenWrite(name);
            sparse.SetLength(Length);
        }

        long before = GC.GetTotalAllocatedBytes();
        OneLine.Throws(() => cifar.Read(folder.Root), folder.Root,
            $"the record files have {6 * Length} bytes together, at most 2147483591 can be loaded");
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, Length);
    }

    [Fact]
    public void ALabelThatIsNoneIsNamed()
    {
        CifarFiles.MakeFolder(folder);
        byte[] records = CifarFiles.Records(5);
        records[66 * CifarFiles.RecordLength] = 10;
        folder.Make("test_batch.bin", records);

        OneLine.Throws(() => cifar.Read(folder.Root), folder["test_batch.bin"], "record 66 has the label 10, labels are 0 to 9");
    }

    [Fact]
    public void OfSeveralBadFilesTheFirstIsNamed()
    {
        CifarFiles.MakeFolder(folder);
        foreach (string name in CifarFiles.Names[1..])
            folder.Make(name, [1]);

        OneLine.Throws(() => cifar.Read(folder.Root), folder["data_batch_2.bin"]);
    }

    [Fact]
    public void ATruncatedArchiveIsNamed()
    {
        byte[] whole = CifarFiles.Archive([0, 1, 2, 3, 4, 5]);
        for (int part = 0; part < 8; part++)
        {
            folder.Make(ArchiveName, whole.AsSpan(0, whole.Length * part / 8));
            OneLine.Throws(() => cifar.Read(folder[ArchiveName]), $"{folder[ArchiveName]} is damaged");
        }
    }

    [Fact]
    public void AnArchiveWithAFlippedBitIsNamed()
    {
        byte[] damaged = CifarFiles.Archive([0, 1, 2, 3, 4, 5]);
        damaged[^5] ^= 1; // in the checksum of the unpacked bytes, which a flipped pixel would not match either
        folder.Make(ArchiveName, damaged);

        OneLine.Throws(() => cifar.Read(folder[ArchiveName]), $"{folder[ArchiveName]} is damaged");
    }

    [Fact]
    public void ForeignArchivesAreNamed()
    {
        folder.Make(ArchiveName, "<html>404 Not Found</html>"u8);
        OneLine.Throws(() => cifar.Read(folder[ArchiveName]), $"{folder[ArchiveName]} is damaged or not CIFAR-10's archive");

        folder.Make(ArchiveName, CifarFiles.Archive([0, 1, 3, 4, 5]));
        OneLine.Throws(() => cifar.Read(folder[ArchiveName]), folder[ArchiveName], "data_batch_3.bin is not in it");
    }

    private static void AssertIsTheSet(ImageDataset set)
    {
        Assert.Equal("cifar10", set.Name);
        Assert.Equal((10, "frog"), (set.ClassNames.Count, set.ClassNames[6]));
        (int File, int Record)[] train =
        [
            .. from file in Enumerable.Range(0, 5)
               from record in Enumerable.Range(0, CifarFiles.Count(file))
               select (file, record),
        ];
        AssertHolds(set.Train, train);
        AssertHolds(set.Test, [.. Enumerable.Range(0, CifarFiles.Count(5)).Select(record => (5, record))]);
    }

    private static void AssertHolds(ImageSet images, (int File, int Record)[] records)
    {
        Assert.Equal((32, 32, 3, records.Length), (images.Height, images.Width, images.Channels, images.Count));
        Assert.Equal(records.Select(at => CifarFiles.Label(at.File, at.Record)), images.Labels.ToArray());
        IEnumerable<byte> pixels =
            from at in records
            from y in Enumerable.Range(0, 32)
            from x in Enumerable.Range(0, 32)
            from channel in Enumerable.Range(0, 3)
            select CifarFiles.Pixel(at.File, at.Record, channel, y, x);
        Assert.Equal(pixels, images.Pixels.ToArray());
    }
}
