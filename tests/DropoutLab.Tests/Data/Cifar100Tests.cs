using System.Text;
using DropoutLab.Data;
using DropoutLab.Data.Images;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Data;

public sealed class Cifar100Tests : IDisposable
{
    private const string ArchiveName = "cifar-100-binary.tar.gz";
    private const int TarBlock = 512;

    private readonly TemporaryFolder folder = new();
    private readonly Cifar100 fine = Cifar100.Fine();
    private readonly Cifar100 coarse = Cifar100.Coarse();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData(Cifar100Files.SubFolder)]
    public void ReadsTheFolder(string subFolder)
    {
        Cifar100Files.MakeFolder(folder, subFolder);
        string location = Path.Combine(folder.Root, subFolder);

        Assert.Equal((location, location), (fine.Locate(folder.Root), coarse.Locate(folder.Root)));
        AssertAreTheSets(location);
    }

    [Fact]
    public void ReadsTheArchive()
    {
        folder.Make(ArchiveName, Cifar100Files.Archive());

        Assert.Equal((folder[ArchiveName], folder[ArchiveName]), (fine.Locate(folder.Root), coarse.Locate(folder.Root)));
        AssertAreTheSets(folder[ArchiveName]);
    }

    [Fact]
    public void AnIncompleteFolderIsNotTheSet()
    {
        Cifar100Files.MakeFolder(folder);
        File.Delete(folder["test.bin"]);

        Assert.Null(fine.Locate(folder.Root));
        Assert.Null(coarse.Locate(folder["nowhere"]));
    }

    [Fact]
    public void TheClassesAreTheAuthorsInTheirOrder()
    {
        Assert.Equal((100, 20), (fine.ClassNames.Count, coarse.ClassNames.Count));
        Assert.Equal(fine.ClassNames.Distinct().Order(StringComparer.Ordinal), fine.ClassNames);
        Assert.Equal(coarse.ClassNames.Distinct().Order(StringComparer.Ordinal), coarse.ClassNames);
        // as the authors' page has them in its table
        Assert.Equal(
            ["beaver", "dolphin", "otter", "seal", "whale"], new[] { 4, 30, 55, 72, 95 }.Select(label => fine.ClassNames[label]));
        Assert.Equal(["lawn_mower", "rocket", "streetcar", "tank", "tractor"],
            new[] { 41, 69, 81, 85, 89 }.Select(label => fine.ClassNames[label]));
        Assert.Equal(("aquatic_mammals", "vehicles_2"), (coarse.ClassNames[0], coarse.ClassNames[19]));
        Assert.Equal((50_000, 50_000), (fine.TrainCount, coarse.TrainCount));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(Cifar100Files.RecordLength + 1)]
    [InlineData(CifarFiles.RecordLength)] // CIFAR-10 has one label byte
    public void AFileThatIsNotMadeOfRecordsIsNamed(int length)
    {
        Cifar100Files.MakeFolder(folder);
        folder.Make("train.bin", new byte[length]);

        OneLine.Throws(
            () => fine.Read(folder.Root), $"{folder["train.bin"]} has {length} bytes", "CIFAR-100", "3074", "153700000");
    }

    [Fact]
    public void ALabelThatIsNoneIsNamed()
    {
        Cifar100Files.MakeFolder(folder);
        byte[] records = Cifar100Files.Records(0);
        records[(66 * Cifar100Files.RecordLength) + 1] = 100;
        records[67 * Cifar100Files.RecordLength] = 20;
        folder.Make("train.bin", records);

        OneLine.Throws(() => fine.Read(folder.Root), folder["train.bin"], "record 66 has the label 100, labels are 0 to 99");
        OneLine.Throws(() => coarse.Read(folder.Root), folder["train.bin"], "record 67 has the label 20, labels are 0 to 19");
    }

    [Fact]
    public void ForeignAndTruncatedArchivesAreNamed()
    {
        folder.Make(ArchiveName, CifarFiles.Archive([0, 1, 2, 3, 4, 5]));
        OneLine.Throws(() => fine.Read(folder[ArchiveName]), $"{folder[ArchiveName]} is damaged or not CIFAR-100's archive",
            "train.bin is not in it");

        byte[] whole = Cifar100Files.Archive();
        for (int part = 0; part < 8; part++)
        {
            folder.Make(ArchiveName, whole.AsSpan(0, whole.Length * part / 8));
            OneLine.Throws(() => coarse.Read(folder[ArchiveName]), $"{folder[ArchiveName]} is damaged");
        }
    }

    [Fact]
    public void AnArchiveThatPromisesMoreThanItCanHoldIsRefusedBeforeAnythingIsAllocatedForIt()
    {
        byte[] tape = Cifar100Files.Tape();
        PromiseLength(tape, Cifar100Files.SubFolder + "/train.bin", 600_000L * Cifar100Files.RecordLength);
        folder.Make(ArchiveName, CifarFiles.Zip(tape));

        long before = GC.GetAllocatedBytesForCurrentThread();
        OneLine.Throws(() => fine.Read(folder[ArchiveName]), folder[ArchiveName], "train.bin cannot have 1844400000 bytes");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    /// <summary>Links, long names, attributes with values that are none, sparse files: what they hold is passed over.</summary>
    [Theory]
    [InlineData('L')]
    [InlineData('x')]
    [InlineData('g')]
    [InlineData('S')]
    public void WhatIsNoPlainFileIsPassedOver(char type)
    {
        byte[] content = new byte[TarBlock];
        "30 uid=abc mtime=99999999999999\n"u8.CopyTo(content);
        folder.Make(ArchiveName,
            CifarFiles.Zip([.. Head("other", type, 33), .. content, .. Head("link", '2', 512), .. Cifar100Files.Tape()]));

        AssertAreTheSets(folder[ArchiveName]);
    }

    [Fact]
    public void AnEntryThatExpandsWithoutEndTakesNoMemory()
    {
        const int Zeros = 1 << 28;
        folder.Make(ArchiveName, CifarFiles.Zip([.. Head("long", 'L', Zeros), .. new byte[Zeros], .. Cifar100Files.Tape()]));

        long before = GC.GetAllocatedBytesForCurrentThread();
        ImageDataset set = fine.Read(folder[ArchiveName]);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 22);
        AssertHolds(set, Cifar100Files.Fine);
    }

    [Theory]
    [InlineData(0, "byte 0")] // the name, which the sum does not fit then
    [InlineData(124, "byte 0")] // a length in base 256
    public void WhatIsNoHeaderIsNamed(int place, string where)
    {
        byte[] tape = Cifar100Files.Tape();
        tape[place] = 0x80;
        folder.Make(ArchiveName, CifarFiles.Zip(tape));

        OneLine.Throws(() => fine.Read(folder[ArchiveName]),
            $"{folder[ArchiveName]} is damaged or not CIFAR-100's archive (there is no entry's header at {where})");
    }

    /// <summary>An entry's head without an owner or times.</summary>
    private static byte[] Head(string name, char type, long length)
    {
        byte[] head = new byte[TarBlock];
        Encoding.ASCII.GetBytes(name, head);
        head[156] = (byte)type;
        PromiseLength(head, name, length);
        return head;
    }

    /// <summary>Writes the length into the entry's head, and the head's sum.</summary>
    private static void PromiseLength(byte[] tape, string name, long length)
    {
        int at = tape.AsSpan().IndexOf(Encoding.ASCII.GetBytes(name));
        Assert.Equal(0, at % TarBlock);
        Span<byte> head = tape.AsSpan(at, TarBlock);
        Encoding.ASCII.GetBytes(Convert.ToString(length, 8).PadLeft(11, '0'), head[124..]);
        head.Slice(148, 8).Fill((byte)' ');
        int sum = 0;
        foreach (byte value in head)
            sum += value;
        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + '\0', head[148..]);
    }

    private void AssertAreTheSets(string location)
    {
        ImageDataset fineSet = fine.Read(location), coarseSet = coarse.Read(location);
        Assert.Equal(("cifar100", "cifar100-coarse"), (fineSet.Name, coarseSet.Name));
        Assert.Equal((100, 20), (fineSet.ClassNames.Count, coarseSet.ClassNames.Count));
        AssertHolds(fineSet, Cifar100Files.Fine);
        AssertHolds(coarseSet, Cifar100Files.Coarse);
    }

    private static void AssertHolds(ImageDataset set, Func<int, int, byte> label)
    {
        ImageSet[] sets = [set.Train, set.Test];
        for (int file = 0; file < sets.Length; file++)
        {
            int[] records = [.. Enumerable.Range(0, Cifar100Files.Count(file))];
            Assert.Equal((32, 32, 3), (sets[file].Height, sets[file].Width, sets[file].Channels));
            Assert.Equal(records.Select(record => label(file, record)), sets[file].Labels.ToArray());
            IEnumerable<byte> pixels =
                from record in records
                from y in Enumerable.Range(0, 32)
                from x in Enumerable.Range(0, 32)
                from channel in Enumerable.Range(0, 3)
                select CifarFiles.Pixel(file, record, channel, y, x);
            Assert.Equal(pixels, sets[file].Pixels.ToArray());
        }
    }
}
