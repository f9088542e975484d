using System.Security.Cryptography;
using DropoutLab.Data;
using DropoutLab.Data.Images;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Data;

/// <summary>
/// Which files are a set's published ones, and what becomes of damaged ones. The sets here are made up, with checksums of their
/// own.
/// </summary>
public sealed class PublishedDataTests : IDisposable
{
    private const string ArchiveName = "made.tar.gz", TrainName = "train_32x32.mat", TestName = "test_32x32.mat";

    private static readonly byte[] Archive =
        CifarFiles.Zip(CifarFiles.Pack("made", [("train.bin", CifarFiles.Records(2)), ("test.bin", CifarFiles.Records(1))]));

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void RecordsInAnotherOrderAreThePublishedSet()
    {
        folder.Make(
            "train.bin", CifarFiles.Records(2).Chunk(CifarFiles.RecordLength).Reverse().SelectMany(record => record).ToArray());
        folder.Make("test.bin", CifarFiles.Records(1));

        ImageDataset data = MadeCifar().Read(folder.Root);

        Assert.True(data.IsPublished);
        Assert.Equal(folder.Root, data.Location);
    }

    [Theory]
    [InlineData("train.bin", 0)]
    [InlineData("train.bin", 17)]
    [InlineData("test.bin", CifarFiles.RecordLength)]
    public void AnotherLabelOrPixelIsNot(string name, int at)
    {
        folder.Make("train.bin", CifarFiles.Records(2));
        folder.Make("test.bin", CifarFiles.Records(1));
        byte[] changed = File.ReadAllBytes(folder[name]);
        changed[at] ^= 1;
        folder.Make(name, changed);

        Assert.False(MadeCifar().Read(folder.Root).IsPublished);
    }

    [Fact]
    public void SvhnsPublishedFilesAreKnownByTheirChecksums()
    {
        SvhnFiles.MakeFolder(folder);
        Assert.True(MadeSvhn().Read(folder.Root).IsPublished);

        byte[] changed = SvhnFiles.Whole(2);
        changed[0] ^= 1; // text that means nothing
        folder.Make(TestName, changed);
        Assert.False(MadeSvhn().Read(folder.Root).IsPublished);
    }

    [Fact]
    public void MadeUpFilesAreNoPublishedSet()
    {
        CifarFiles.MakeFolder(folder, "cifar10");
        Cifar100Files.MakeFolder(folder, "cifar100");
        IdxBytes.MakeFolder(folder, "idx");
        SvhnFiles.MakeFolder(folder, "svhn");

        Assert.False(new Cifar10().Read(folder["cifar10"]).IsPublished);
        Assert.False(Cifar100.Fine().Read(folder["cifar100"]).IsPublished);
        Assert.False(Cifar100.Coarse().Read(folder["cifar100"]).IsPublished);
        Assert.False(new FashionMnist().Read(folder["idx"]).IsPublished);
        Assert.False(Svhn.Standard().Read(folder["svhn"]).IsPublished);
        Assert.False(Svhn.WithExtra().Read(folder["svhn"]).IsPublished);
    }

    [Fact]
    public void WhatBearsTheSetsNameComesFirst()
    {
        CifarFiles.MakeFolder(folder);
        IdxBytes.MakeFolder(folder);
        SvhnFiles.MakeFolder(folder);
        FashionMnist fashion = new(folder["package"]);
        Assert.Equal(
            (folder.Root, folder.Root, folder.Root),
            (new Cifar10().Locate(folder.Root), fashion.Locate(folder.Root), Svhn.Standard().Locate(folder.Root)));

        IdxBytes.MakeFolder(folder, "package");
        Assert.Equal(folder.Root, fashion.Locate(folder.Root));
        folder.Make("cifar-10-binary.tar.gz", [1]);
        Assert.Equal(folder["cifar-10-binary.tar.gz"], new Cifar10().Locate(folder.Root));
        CifarFiles.MakeFolder(folder, "cifar-10-batches-bin");
        IdxBytes.MakeFolder(folder, "fashion-mnist");
        SvhnFiles.MakeFolder(folder, "svhn");
        Assert.Equal(
            (folder["cifar-10-batches-bin"], folder["fashion-mnist"], folder["svhn"]),
            (new Cifar10().Locate(folder.Root), fashion.Locate(folder.Root), Svhn.Standard().Locate(folder.Root)));
    }

    [Theory]
    [InlineData("random bytes")]
    [InlineData("nothing")]
    [InlineData("half")]
    public async Task ADamagedArchiveIsDownloadedAnew(string damage)
    {
        folder.Make(ArchiveName, damage switch { "half" => Archive[..(Archive.Length / 2)], "nothing" => [], _ => Noise() });
        StubServer server = new(_ => StubServer.Whole(Archive));

        ImageDataset data = await Repair(MadeCifar(), server);

        Assert.True(data.IsPublished);
        Assert.Equal(Archive, File.ReadAllBytes(folder[ArchiveName]));
        Assert.Equal([ArchiveName], folder.Files());
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task OfSeveralFilesTheDamagedOnesAloneAreDownloadedAnewWhereTheyLie()
    {
        folder.Make(TrainName, Noise());
        folder.Make(TestName, SvhnFiles.Whole(2));
        StubServer server = ServerOfSvhn();

        Assert.True((await Repair(MadeSvhn(), server)).IsPublished);

        Assert.EndsWith("/" + TrainName, Assert.Single(server.Requests).Address, StringComparison.Ordinal);
        Assert.Equal(SvhnFiles.Whole(0), File.ReadAllBytes(folder[TrainName]));
        Assert.Equal([TestName, TrainName], folder.Files().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task AllThatIsDamagedIsDownloadedAnew()
    {
        folder.Make(TrainName, Noise());
        folder.Make(TestName, []);

        Assert.True((await Repair(MadeSvhn(), ServerOfSvhn())).IsPublished);
    }

    /// <summary>They may be the user's own.</summary>
    [Fact]
    public async Task OtherFilesThatAreWholeStay()
    {
        SvhnFiles.MakeFolder(folder);
        byte[] own = SvhnFiles.Whole(1);
        folder.Make(TrainName, own);

        ImageDataset data = await Repair(MadeSvhn(), new StubServer(_ => throw new InvalidOperationException()));

        Assert.False(data.IsPublished);
        Assert.Equal(own, File.ReadAllBytes(folder[TrainName]));
    }

    [Fact]
    public async Task WithoutANetworkTheDamagedFileStaysAndTheErrorSaysWhatToDo()
    {
        byte[] noise = Noise();
        folder.Make(ArchiveName, noise);

        await OneLine.ThrowsAsync(
            () => Repair(MadeCifar(), new StubServer(_ => throw new HttpRequestException("no network"))),
            $"put {ArchiveName} into {folder.Root}, or try again");

        Assert.Equal(noise, File.ReadAllBytes(folder[ArchiveName]));
    }

    [Fact]
    public async Task ADamagedFileWithoutAChecksumIsNamedWithTheRemedy()
    {
        folder.Make("train.bin", [1]);
        folder.Make("test.bin", CifarFiles.Records(1));
        StubServer server = new(_ => StubServer.Whole(Archive));

        await OneLine.ThrowsAsync(
            () => Repair(MadeCifar(), server), $"{folder["train.bin"]} has 1 bytes", "; delete it to have it downloaded again");
        Assert.Empty(server.Requests);
        File.Delete(folder["train.bin"]);
        Assert.True((await Repair(MadeCifar(), server)).IsPublished);
    }

    /// <summary>Of every set, a file of noise, an empty one, and two that are cut off.</summary>
    [Fact]
    public void EveryErrorOfADamagedFileNamesItAndTheRemedy()
    {
        CifarFiles.MakeFolder(folder, "cifar10");
        folder.Make(Path.Combine("archive", "cifar-10-binary.tar.gz"), CifarFiles.Archive([0, 1, 2, 3, 4, 5]));
        Cifar100Files.MakeFolder(folder, "cifar100");
        IdxBytes.MakeFolder(folder, "plain");
        IdxBytes.MakeFolder(folder, "packed", zipped: true);
        SvhnFiles.MakeFolder(folder, "svhn");
        (DatasetSource Source, string Location, string File)[] files =
        [
            (new Cifar10(), folder["cifar10"], folder["cifar10", "data_batch_3.bin"]),
            (new Cifar10(), folder["archive", "cifar-10-binary.tar.gz"], folder["archive", "cifar-10-binary.tar.gz"]),
            (Cifar100.Fine(), folder["cifar100"], folder["cifar100", "test.bin"]),
            (new FashionMnist(), folder["plain"], folder["plain", "t10k-labels-idx1-ubyte"]),
            (new FashionMnist(), folder["packed"], folder["packed", "train-images-idx3-ubyte.gz"]),
            (Svhn.Standard(), folder["svhn"], folder["svhn", TestName]),
        ];
        foreach ((DatasetSource source, string location, string file) in files)
        {
            byte[] whole = File.ReadAllBytes(file);
            foreach (byte[] damaged in new[] { Noise(), [], whole[..(whole.Length / 2)], whole[..(whole.Length * 2 / 5)] })
            {
                File.WriteAllBytes(file, damaged);
                OneLine.Throws(() => source.Read(location), file, "; delete it to have it downloaded again");
            }

            File.WriteAllBytes(file, whole);
        }
    }

    [Fact]
    public async Task ADamagedPackageIsToBeReinstalled()
    {
        IdxBytes.MakeFolder(folder, "package", zipped: true);
        string path = folder["package", "t10k-labels-idx1-ubyte.gz"];
        File.WriteAllBytes(path, Noise());
        FashionMnist fashion = new(folder["package"]);

        OneLine.Throws(() => fashion.Read(folder["package"]), path, "; reinstall Debian's package dataset-fashion-mnist");
        await OneLine.ThrowsAsync(
            () => Repair(fashion, new StubServer(_ => throw new InvalidOperationException())), path, "reinstall");
    }

    private static byte[] Noise()
    {
        byte[] noise = new byte[5000];
        new System.Random(4).NextBytes(noise);
        return noise;
    }

    private static string Md5(byte[] bytes) => Convert.ToHexStringLower(MD5.HashData(bytes));

    private static MadeUpCifar MadeCifar() => new(new PublishedDigests(Images(2).DigestInAnyOrder, Images(1).DigestInAnyOrder));

    private static ImageSet Images(int file)
    {
        byte[] records = CifarFiles.Records(file);
        return CifarRecords.Join(
            [CifarRecords.Read(new MemoryStream(records), records.Length, "", MadeUpCifar.Records, new CifarFile("", 1))]);
    }

    private static Svhn MadeSvhn() => new(
        "svhn", "Made up", new SvhnPart(TestName, 1, Md5(SvhnFiles.Whole(2))),
        new SvhnPart(TrainName, 1, Md5(SvhnFiles.Whole(0))));

    private static StubServer ServerOfSvhn() =>
        new(request => StubServer.Whole(
            SvhnFiles.Whole(request.RequestUri!.AbsolutePath.EndsWith(TestName, StringComparison.Ordinal) ? 2 : 0)));

    private async Task<ImageDataset> Repair(DatasetSource source, StubServer server)
    {
        using Downloader downloader = new(server);
        return await DatasetCatalog.RepairAsync(
            source, folder.Root, downloader, progress: null, TestContext.Current.CancellationToken);
    }

    private sealed class MadeUpCifar(PublishedDigests published) : CifarSource(
        "made", new RemoteFile(new Uri($"http://data.test/{ArchiveName}"), Md5(Archive)), Records,
        [new CifarFile("train.bin", 3)], new CifarFile("test.bin", 2), published)
    {
        public static readonly CifarFormat Records = new("Made up", LabelLength: 1, LabelPosition: 0, ClassCount: 10);

        public override string Name => "made";

        public override string Title => "Made up";

        public override IReadOnlyList<string> ClassNames => new Cifar10().ClassNames;
    }
}
