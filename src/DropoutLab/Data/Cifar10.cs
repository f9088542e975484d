namespace DropoutLab.Data;

/// <summary>
/// CIFAR-10: 60,000 colour images of 32×32 in ten classes, 50,000 of them for training. Read from the authors' binary records,
/// lying in the folder, in its sub-folder <c>cifar-10-batches-bin</c>, or in the archive <c>cifar-10-binary.tar.gz</c>.
/// </summary>
/// <remarks>Source: A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009.</remarks>
internal sealed class Cifar10() : CifarSource(
    "cifar-10-batches-bin",
    new RemoteFile(new Uri("https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"), "c32a1d4ab5d03f1284b67883e8d87530"),
    new CifarFormat("CIFAR-10", LabelLength: 1, LabelPosition: 0, ClassCount: 10),
    [.. Enumerable.Range(1, 5).Select(index => new CifarFile($"data_batch_{index}.bin", RecordCount: 10_000))],
    new CifarFile("test_batch.bin", RecordCount: 10_000),
    new PublishedDigests(Train: "0c7f902be997ee4d70c296b50323c0c7", Test: "dc264a5b241694dd2f875a4ff60e46f6"))
{
    public override string Name => "cifar10";

    public override string Title => "CIFAR-10";

    public override IReadOnlyList<string> ClassNames { get; } =
        ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];
}
