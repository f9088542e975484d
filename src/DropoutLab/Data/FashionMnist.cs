using DropoutLab.Data.Images;

namespace DropoutLab.Data;

/// <summary>
/// Fashion-MNIST: 70,000 grey images of 28×28 in ten classes, 60,000 of them for training, here with two black pixels on every
/// side: 32×32×1. Read from the authors' IDX files, unpacked or not, lying in the folder, in its sub-folder
/// <c>fashion-mnist</c>, or where Debian's package <c>dataset-fashion-mnist</c> puts them.
/// </summary>
/// <param name="systemFolder">The folder of the system's package.</param>
/// <remarks>
/// Source: H. Xiao, K. Rasul, R. Vollgraf, Fashion-MNIST, 2017, https://github.com/zalandoresearch/fashion-mnist.
/// </remarks>
internal sealed class FashionMnist(string systemFolder = FashionMnist.DebianFolder) : DatasetSource
{
    public const string DebianFolder = "/usr/share/datasets/fashion-mnist";

    private const string Package = "Debian's package dataset-fashion-mnist";
    private const string SubFolder = "fashion-mnist";
    private const string TrainImages = "train-images-idx3-ubyte";
    private const string TrainLabels = "train-labels-idx1-ubyte";
    private const string TestImages = "t10k-images-idx3-ubyte";
    private const string TestLabels = "t10k-labels-idx1-ubyte";
    private const int Side = 28;
    private const int Padding = 2;
    private const int PaddedSide = Side + (2 * Padding);

    private static readonly PublishedDigests Published = new(
        Train: "2be91557ebd718fd60d77867cda24ea6", Test: "a5da0138268eead67fefaac7d2056235");
    private static readonly string[] AllFiles = [TrainImages, TrainLabels, TestImages, TestLabels];

    public override string Name => "fashion-mnist";

    public override string Title => "Fashion-MNIST";

    public override IReadOnlyList<string> ClassNames { get; } =
        ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"];

    public override int Channels => 1;

    public override int TrainCount => 60_000;

    public override bool MirrorsKeepClass => true;

    internal override int Margin => Padding;

    internal override IReadOnlyList<RemoteFile> Downloads { get; } =
    [
        Remote(TrainImages, "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
        Remote(TrainLabels, "25c81989df183df01b3e8a0aad5dffbe"),
        Remote(TestImages, "bef4ecab320f06d8554ea6380940ec79"),
        Remote(TestLabels, "bb300cfdad3c16e7a12a480ee83cd310"),
    ];

    internal override string DownloadDirectory(string dataDirectory) => Path.Combine(dataDirectory, SubFolder);

    internal override string? Locate(string dataDirectory) =>
        new[] { DownloadDirectory(dataDirectory), dataDirectory, systemFolder }
            .FirstOrDefault(folder => Array.TrueForAll(AllFiles, file => IdxFile.Find(folder, file) is not null));

    private protected override ImageDataset ReadFiles(string location)
    {
        IdxFile[] files = new IdxFile[AllFiles.Length];
        ParallelReading.For(files.Length, index => files[index] = IdxFile.Read(IdxFile.Find(location, AllFiles[index])!));
        ImageDataset data = new(Name, ClassNames, Combine(files[0], files[1]), Combine(files[2], files[3]));
        return data with { IsPublished = Published.Fit(data) };
    }

    private protected override string RemedyFor(string file) =>
        Path.GetDirectoryName(file) == systemFolder ? $"reinstall {Package}" : base.RemedyFor(file);

    private static RemoteFile Remote(string name, string md5) => new(
        new Uri($"http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/{name}.gz"), md5,
        $"install {Package}");

    private ImageSet Combine(IdxFile images, IdxFile labels)
    {
        images.RequireShape("N x 28 x 28", shape => shape is [> 0, Side, Side]);
        int count = images.Shape[0];
        labels.RequireShape($"{count}, one for each image of {images.Path},", shape => shape is [var extent] && extent == count);
        int foreign = labels.Values.Span.IndexOfAnyExceptInRange((byte)0, (byte)(ClassNames.Count - 1));
        return foreign < 0
            ? new ImageSet(PaddedSide, PaddedSide, channels: 1, Pad(images.Values.Span), labels.Values)
            : throw new DropoutLabException(
                $"{labels.Path}: label {foreign} is {labels.Values.Span[foreign]}, labels are 0 to {ClassNames.Count - 1}")
            { DamagedFile = labels.Path };
    }

    private static byte[] Pad(ReadOnlySpan<byte> images)
    {
        int rows = images.Length / Side;
        byte[] padded = new byte[rows / Side * PaddedSide * PaddedSide];
        for (int row = 0; row < rows; row++)
        {
            int paddedRow = (row / Side * PaddedSide) + Padding + (row % Side);
            images.Slice(row * Side, Side).CopyTo(padded.AsSpan((paddedRow * PaddedSide) + Padding, Side));
        }

        return padded;
    }
}
