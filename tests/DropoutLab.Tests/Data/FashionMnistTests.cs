using System.Net;
using DropoutLab.Data;
using DropoutLab.Data.Images;
using DropoutLab.Tests.Storage;

namespace DropoutLab.Tests.Data;

public sealed class FashionMnistTests : IDisposable
{
    private const string TrainImages = "train-images-idx3-ubyte";
    private const string TrainLabels = "train-labels-idx1-ubyte";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("", false)]
    [InlineData("", true)]
    [InlineData("fashion-mnist", true)]
    public void ReadsFoldersPackedOrNot(string subFolder, bool zipped)
    {
        IdxBytes.MakeFolder(folder, subFolder, zipped);
        FashionMnist fashion = WithoutPackage();

        Assert.Equal(folder[subFolder], fashion.Locate(folder.Root));
        AssertIsTheSet(fashion.Read(folder[subFolder]));
    }

    [Fact]
    public void TheSystemsPackageComesAfterTheUsersFolder()
    {
        IdxBytes.MakeFolder(folder, "package");
        FashionMnist fashion = new FashionMnist(folder["package"]);

        Assert.Equal(folder["package"], fashion.Locate(folder["cache"]));
        IdxBytes.MakeFolder(folder, Path.Combine("cache", "fashion-mnist"));
        Assert.Equal(folder["cache", "fashion-mnist"], fashion.Locate(folder["cache"]));
    }

    [Fact]
    public void AnIncompleteFolderIsNotTheSet()
    {
        IdxBytes.MakeFolder(folder);
        File.Delete(folder["t10k-labels-idx1-ubyte"]);

        Assert.Null(WithoutPackage().Locate(folder.Root));
    }

    [Fact]
    public void TruncatedAndOversizedFilesAreNamed()
    {
        byte[] images = IdxBytes.Images(IdxBytes.Train, seed: 11);
        AssertRefused(TrainImages, images[..^1], "holds 2351 bytes after its header, which promises 3 x 28 x 28 = 2352");
        AssertRefused(TrainImages, [.. images, 0], "holds 2353 bytes");
        AssertRefused(TrainImages, images[..15], "15 bytes unpacked", "is no IDX file");
        AssertRefused(TrainImages, [], "0 bytes");
    }

    [Fact]
    public void ForeignFilesAreNamed()
    {
        AssertRefused(TrainImages, "<!DOCTYPE html><html>404</html>"u8.ToArray(), "is no IDX file");
        AssertRefused(
            TrainImages, IdxBytes.Idx([3, 32, 32], new byte[3 * 32 * 32]), "holds 3 x 32 x 32 bytes, N x 28 x 28 are needed");
        AssertRefused(TrainImages, IdxBytes.Labels(1, 2, 3), "holds 3 bytes, N x 28 x 28 are needed");
        AssertRefused(TrainImages, IdxBytes.Idx([0, 28, 28], []), "holds 0 x 28 x 28 bytes");
        AssertRefused(TrainImages, IdxBytes.Idx([int.MaxValue, int.MaxValue, int.MaxValue], [1]), "holds 1 bytes");
        AssertRefused(TrainImages, IdxBytes.Idx([-1, -1], [1]), "promises -1 x -1");
    }

    [Fact]
    public void LabelsThatDoNotFitAreNamed()
    {
        AssertRefused(TrainLabels, IdxBytes.Labels(1, 2), "holds 2 bytes", "3, one for each image");
        AssertRefused(TrainLabels, IdxBytes.Labels(1, 2, 10), "label 2 is 10, labels are 0 to 9");
    }

    [Fact]
    public void DamagedArchivesAreNamed()
    {
        IdxBytes.MakeFolder(folder, zipped: true);
        string path = folder[TrainImages + ".gz"];
        byte[] whole = File.ReadAllBytes(path);
        byte[] flipped = [.. whole];
        flipped[whole.Length / 2] ^= 0x10;

        byte[][] all =
            [[], whole[..10], whole[..(whole.Length / 2)], whole[..^9], whole[..^1], flipped, "no archive"u8.ToArray()];
        foreach (byte[] damaged in all)
        {
            File.WriteAllBytes(path, damaged);
            OneLine.Throws(() => WithoutPackage().Read(folder.Root), path);
        }
    }

    [Fact]
    public void AnArchiveThatUnpacksWithoutEndIsNotUnpacked()
    {
        IdxBytes.MakeFolder(folder, zipped: true);
        string path = folder[TrainImages + ".gz"];
        File.WriteAllBytes(path, IdxBytes.Zip(new byte[1 << 28]));
        long before = GC.GetAllocatedBytesForCurrentThread();

        OneLine.Throws(() => WithoutPackage().Read(folder.Root), $"{path} is damaged: it unpacks to more than 67108864 bytes");

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 28);
    }

    [Fact]
    public void AFileThatIsTooLongIsNotRead()
    {
        IdxBytes.MakeFolder(folder, zipped: false);
        string path = folder[TrainImages];
        using (FileStream file = File.OpenWrite(path))
            file.SetLength(1L << 32);

        OneLine.Throws(() => WithoutPackage().Read(folder.Root), $"{path} is damaged: it has more than 67108864 bytes");
    }

    /// <summary>
    /// Debian's package where it is installed, against sums that Python's gzip module gave; else the error that says how to
    /// get it.
    /// </summary>
    [Fact]
    public async Task DebiansPackageIsReadOrAskedFor()
    {
        FashionMnist fashion = new FashionMnist();
        if (fashion.Locate(folder.Root) is { } location)
        {
            ImageDataset set = fashion.Read(location);
            Assert.True(set.IsPublished);
            Assert.Equal((60_000, 10_000), (set.Train.Count, set.Test.Count));
            Assert.Equal([9, 0, 0, 3], set.Train.Labels[..4].ToArray());
            Assert.Equal([9, 2, 1, 1], set.Test.Labels[..4].ToArray());
            Assert.Equal((270_000, 45_000), (Sum(set.Train.Labels), Sum(set.Test.Labels)));
            Assert.Equal((3_431_114_169, 573_469_082), (Sum(set.Train.Pixels), Sum(set.Test.Pixels)));
            return;
        }

        using Downloader downloader = new Downloader(new StubServer(_ => throw new HttpRequestException("no network")));
        await OneLine.ThrowsAsync(
            () => DatasetCatalog.FetchAsync(fashion, folder.Root, downloader, null, TestContext.Current.CancellationToken),
            "dataset-fashion-mnist", TrainImages + ".gz", folder["fashion-mnist"]);
    }

    [Fact]
    public async Task OnlyWhatIsMissingIsDownloaded()
    {
        folder.Make(Path.Combine("fashion-mnist", TrainImages + ".gz"), [1]);
        StubServer server = new StubServer(_ => StubServer.Status(HttpStatusCode.ServiceUnavailable));
        using Downloader downloader = new Downloader(server);

        await OneLine.ThrowsAsync(
            () => DatasetCatalog.FetchAsync(
                WithoutPackage(), folder.Root, downloader, progress: null, TestContext.Current.CancellationToken),
            TrainLabels,
            "503",
            $"put {TrainLabels}.gz into {folder["fashion-mnist"]}, or install Debian's package dataset-fashion-mnist");

        Assert.EndsWith($"/{TrainLabels}.gz", Assert.Single(server.Requests).Address, StringComparison.Ordinal);
    }

    private FashionMnist WithoutPackage() => new(folder["no package"]);

    private void AssertRefused(string name, byte[] bytes, params string[] reasons)
    {
        foreach (bool zipped in new[] { false, true })
        {
            using TemporaryFolder made = new TemporaryFolder();
            IdxBytes.MakeFolder(made, zipped: zipped);
            string path = made.Make(zipped ? name + ".gz" : name, zipped ? IdxBytes.Zip(bytes) : bytes);
            OneLine.Throws(() => WithoutPackage().Read(made.Root), [path, .. reasons]);
        }
    }

    private static void AssertIsTheSet(ImageDataset set)
    {
        Assert.Equal("fashion-mnist", set.Name);
        Assert.Equal((10, "Ankle boot"), (set.ClassNames.Count, set.ClassNames[9]));
        AssertHolds(set.Train, IdxBytes.Train, seed: 11, [9, 0, 4]);
        AssertHolds(set.Test, IdxBytes.Test, seed: 90, [3, 7]);
    }

    private static void AssertHolds(ImageSet images, int count, int seed, byte[] labels)
    {
        Assert.Equal((32, 32, 1, count), (images.Height, images.Width, images.Channels, images.Count));
        Assert.Equal(labels, images.Labels.ToArray());
        for (int image = 0; image < count; image++)
        {
            for (int at = 0; at < 32 * 32; at++)
            {
                (int y, int x) = ((at / 32) - 2, (at % 32) - 2);
                bool inside = y is >= 0 and < 28 && x is >= 0 and < 28;
                Assert.Equal(inside ? IdxBytes.Pixel(seed, image, y, x) : 0, images.Image(image)[at]);
            }
        }
    }

    private static long Sum(ReadOnlyMemory<byte> bytes)
    {
        long sum = 0;
        foreach (byte value in bytes.Span)
            sum += value;
        return sum;
    }
}
