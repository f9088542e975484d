using System.Net;
using DropoutLab.Data;
using DropoutLab.Data.Images;
using DropoutLab.Tests.Data.Matlab;
using DropoutLab.Tests.Storage;
using static DropoutLab.Tests.Data.Matlab.MatlabBytes;

namespace DropoutLab.Tests.Data;

public sealed class SvhnTests : IDisposable
{
    private const int Train = 0, Extra = 1, Test = 2;

    private readonly TemporaryFolder folder = new();
    private readonly Svhn svhn = Svhn.Standard();
    private readonly Svhn withExtra = Svhn.WithExtra();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("svhn")]
    public void ReadsTheFolder(string subFolder)
    {
        SvhnFiles.MakeFolder(folder, subFolder);
        string location = Path.Combine(folder.Root, subFolder);

        Assert.Equal((location, location), (svhn.Locate(folder.Root), withExtra.Locate(folder.Root)));
        AssertIsTheSet(svhn.Read(location), "svhn", Train);
        AssertIsTheSet(withExtra.Read(location), "svhn-extra", Train, Extra);
    }

    [Fact]
    public void TheExtraImagesAreNeededForTheirSetAlone()
    {
        SvhnFiles.MakeFolder(folder);
        File.Delete(folder["extra_32x32.mat"]);
        Assert.Equal(folder.Root, svhn.Locate(folder.Root));
        Assert.Null(withExtra.Locate(folder.Root));

        File.Delete(folder["test_32x32.mat"]);
        Assert.Null(svhn.Locate(folder.Root));
        Assert.Null(svhn.Locate(folder["nowhere"]));
    }

    [Fact]
    public void TheOfficialSetsAreKnown()
    {
        Assert.Equal((73_257, 604_388), (svhn.TrainCount, withExtra.TrainCount));
        Assert.Equal(Enumerable.Range(0, 10).Select(digit => $"{digit}"), svhn.ClassNames);
        Assert.Equal(
            ["http://ufldl.stanford.edu/housenumbers/train_32x32.mat", "http://ufldl.stanford.edu/housenumbers/test_32x32.mat"],
            svhn.Downloads.Select(file => file.Address.AbsoluteUri));
        Assert.Equal(
            ["e26dedcc434d2e4c54c9b2d4a06d8373", "a93ce644f1a588dc4d68dda5feec44a7", "eb5a983be6a315427106f1b164d9cef3"],
            withExtra.Downloads.Select(file => file.Md5));
    }

    [Fact]
    public async Task OnlyWhatIsMissingIsDownloaded()
    {
        folder.Make(Path.Combine("svhn", "train_32x32.mat"), [1]);
        StubServer server = new StubServer(_ => StubServer.Status(HttpStatusCode.ServiceUnavailable));
        using Downloader downloader = new Downloader(server);

        await OneLine.ThrowsAsync(
            () => DatasetCatalog.FetchAsync(withExtra, folder.Root, downloader, null, TestContext.Current.CancellationToken),
            "503", $"put extra_32x32.mat into {folder["svhn"]}, or try again");

        Assert.Equal("http://ufldl.stanford.edu/housenumbers/extra_32x32.mat", Assert.Single(server.Requests).Address);
    }

    [Theory]
    [InlineData(MiUInt8)]
    [InlineData(MiInt16)]
    [InlineData(MiDouble)]
    public void ReadsLabelsHoweverTheyAreStoredAndInEitherOrder(int type)
    {
        const int Count = 11;
        byte[] x = SvhnFiles.X(Train, Count), y = SvhnFiles.Y(Train, Count, type);
        byte[] other = Variable("notes", [1, 2], Element(17, [1, 0, 2, 0]), CharClass);
        byte[][] files = [FileOf(x, y), FileOf(y, x), FileOf(Compress(y), other, x), FileOf(other, y, Compress(x))];

        Assert.All(files, file => AssertHolds(Read(file), [.. Enumerable.Range(0, Count).Select(image => (Train, image))]));
    }

    [Fact]
    public void OneImageHasThreeDimensions()
    {
        byte[] x = Variable("X", [32, 32, 3], MiUInt8, SvhnFiles.Pixels(Test, count: 1));

        AssertHolds(Read(FileOf(x, SvhnFiles.Y(Test, count: 1))), [(Test, 0)]);
    }

    [Fact]
    public void TheRowRunsFastest()
    {
        double[] pixels = new double[32 * 32 * 3];
        pixels[5] = 1; // row 5 of column 0, red
        pixels[(7 * 32) + 2] = 2; // row 2 of column 7, red
        pixels[(2 * 32 * 32) + (31 * 32)] = 3; // row 0 of the last column, blue

        ImageSet set = Read(FileOf(Variable("X", [32, 32, 3, 1], MiUInt8, pixels), SvhnFiles.Y(Train, count: 1)));

        byte[] expected = new byte[32 * 32 * 3];
        expected[((5 * 32) + 0) * 3] = 1;
        expected[((2 * 32) + 7) * 3] = 2;
        expected[(((0 * 32) + 31) * 3) + 2] = 3;
        Assert.Equal(expected, set.Pixels.ToArray());
    }

    [Fact]
    public void ArraysOfOtherShapesAreNamed()
    {
        byte[] x = SvhnFiles.X(Train, 2), y = SvhnFiles.Y(Train, 2);
        byte[] Bytes(string name, params int[] dimensions) => Variable(
            name, dimensions, MiUInt8, Enumerable.Repeat(1.0, dimensions.Aggregate((product, extent) => product * extent)));

        AssertRefused(FileOf(y), "holds no array X, but y");
        AssertRefused(FileOf(x), "holds no array y, but X");
        AssertRefused(FileOf(Bytes("X", 2, 32, 32, 3), y), "holds X of 2 x 32 x 32 x 3 pixels, 32 x 32 x 3 x N are needed");
        AssertRefused(FileOf(Bytes("X", 32, 32, 2), y), "holds X of 32 x 32 x 2 pixels");
        AssertRefused(FileOf(Bytes("X", 32, 32, 3, 2, 1), y), "holds X of 32 x 32 x 3 x 2 x 1 pixels");
        AssertRefused(FileOf(x, Bytes("y", 3, 1)), "holds y of 3 x 1 labels, 2 x 1 are needed, one for each image of X");
        AssertRefused(FileOf(x, Bytes("y", 1, 2)), "holds y of 1 x 2 labels, 2 x 1 are needed");
        AssertRefused(FileOf(x, Bytes("y", 2, 1, 1)), "holds y of 2 x 1 x 1 labels");
        AssertRefused(FileOf(Variable("X", [32, 32, 3, 0], MiUInt8, []), y), "has X of 32 x 32 x 3 x 0 values");
    }

    [Theory]
    [InlineData(0, "label 1 is 0, labels are 1 to 10")]
    [InlineData(11, "label 1 is 11, labels are 1 to 10")]
    [InlineData(255, "label 1 is 255, labels are 1 to 10")]
    [InlineData(266, "has 266 as value 1 of y")]
    [InlineData(-1, "has -1 as value 1 of y")]
    [InlineData(1.5, "has 1.5 as value 1 of y")]
    public void ALabelThatIsNoneIsNamed(double label, string reason) =>
        AssertRefused(FileOf(SvhnFiles.X(Train, 3), Variable("y", [3, 1], MiDouble, [10, label, 1])), reason);

    [Fact]
    public void OfSeveralBadFilesTheFirstIsNamed()
    {
        SvhnFiles.MakeFolder(folder);
        folder.Make("extra_32x32.mat", [1]);
        folder.Make("test_32x32.mat", [1]);

        OneLine.Throws(() => withExtra.Read(folder.Root), folder["extra_32x32.mat"]);
    }

    /// <summary>Arrays that agree with each other, and with nothing else.</summary>
    [Fact]
    public void NothingIsAllocatedForImagesThatCannotBeThere()
    {
        const int Count = 400_000;
        byte[] x = [.. Flags(UInt8Class), .. Dimensions(32, 32, 3, Count), .. Name("X"), .. Tag(MiUInt8, Count * 3072u)];
        byte[] many = Bomb([.. Tag(14, (uint)x.Length + (Count * 3072u)), .. x], zeros: 1 << 20);
        string path = folder.Make("many.mat", FileOf(many, SvhnFiles.Y(Train, 2)));
        string lacking = folder.Make("lacking.mat", FileOf(Bomb(SvhnFiles.X(Train, 2), zeros: 1 << 26), SvhnFiles.Y(Train, 3)));

        long before = GC.GetAllocatedBytesForCurrentThread();
        OneLine.Throws(() => SvhnFile.Join([SvhnFile.Open(path)]), path, "cannot hold them");
        OneLine.Throws(() => SvhnFile.Join([SvhnFile.Open(lacking)]), lacking, "2 x 1 are needed");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    /// <summary>
    /// Compressed arrays carry a sum, so what is read is either what was written or nothing. The first bytes of the header are
    /// text that means nothing.
    /// </summary>
    [Fact]
    public void ADamagedFileIsReadAsItWasOrRefusedInOneLine()
    {
        byte[] whole = FileOf(Compress(SvhnFiles.X(Train, 3)), Compress(SvhnFiles.Y(Train, 3, MiDouble)));
        System.Random random = new(5);
        int refused = 0;
        for (int round = 0; round < 500; round++)
        {
            byte[] damaged = Damage(whole, random);
            if (TryRead(damaged) is not { } set)
                refused++;
            else
                AssertHolds(set, [(Train, 0), (Train, 1), (Train, 2)]);
        }

        Assert.InRange(refused, 400, 500);
    }

    /// <summary>
    /// A flipped bit of a plain array may be a pixel; whatever is read has the set's shape and labels that are ones.
    /// </summary>
    [Fact]
    public void ADamagedPlainFileIsReadAsImagesOrRefusedInOneLine()
    {
        byte[] whole = FileOf(SvhnFiles.Y(Train, 2), SvhnFiles.X(Train, 2));
        System.Random random = new(6);
        for (int round = 0; round < 800; round++)
        {
            int end = random.Next(2) == 0 ? 300 : whole.Length; // half of the damage where the tags are
            if (TryRead(Damage(whole, random, end)) is { } set)
            {
                Assert.Equal((2, 32, 32, 3), (set.Count, set.Height, set.Width, set.Channels));
                Assert.All(set.Labels.ToArray(), label => Assert.InRange(label, 0, 9));
            }
        }
    }

    /// <summary>Cuts the file off, or flips one to three bits before <paramref name="end"/>.</summary>
    private static byte[] Damage(byte[] whole, System.Random random, int? end = null)
    {
        if (random.Next(4) == 0)
            return whole[..random.Next(whole.Length)];
        byte[] damaged = [.. whole];
        for (int flips = random.Next(1, 4); flips > 0; flips--)
            damaged[random.Next(end ?? whole.Length)] ^= (byte)(1 << random.Next(8));
        return damaged;
    }

    /// <summary>The file's images; null where it is refused as it should be.</summary>
    private ImageSet? TryRead(byte[] file)
    {
        string path = folder.Make("any.mat", file);
        ImageSet? set = null;
        Exception? failure = Record.Exception(() => set = SvhnFile.Join([SvhnFile.Open(path)]));
        if (failure is not null)
            OneLine.Throws(() => throw failure, path);
        return set;
    }

    private ImageSet Read(byte[] file) => SvhnFile.Join([SvhnFile.Open(folder.Make("any.mat", file))]);

    private void AssertRefused(byte[] file, params string[] reasons) =>
        OneLine.Throws(() => Read(file), [folder["any.mat"], .. reasons]);

    private static void AssertIsTheSet(ImageDataset set, string name, params int[] trainFiles)
    {
        Assert.Equal(name, set.Name);
        AssertHolds(set.Train, [.. trainFiles.SelectMany(Images)]);
        AssertHolds(set.Test, [.. Images(Test)]);
    }

    private static IEnumerable<(int File, int Image)> Images(int file) =>
        Enumerable.Range(0, SvhnFiles.Count(file)).Select(image => (file, image));

    private static void AssertHolds(ImageSet set, (int File, int Image)[] images)
    {
        Assert.Equal((32, 32, 3, images.Length), (set.Height, set.Width, set.Channels, set.Count));
        Assert.Equal(images.Select(at => SvhnFiles.Digit(at.File, at.Image)), set.Labels.ToArray());
        IEnumerable<byte> pixels =
            from at in images
            from row in Enumerable.Range(0, 32)
            from column in Enumerable.Range(0, 32)
            from channel in Enumerable.Range(0, 3)
            select SvhnFiles.Pixel(at.File, at.Image, row, column, channel);
        Assert.Equal(pixels, set.Pixels.ToArray());
    }
}
