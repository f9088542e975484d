namespace DropoutLab.Data;

/// <summary>
/// CIFAR-10: 60,000 colour images of 32×32 in ten classes, 50,000 of them for training. Read from the authors' binary records,
/// lying in the folder, in its sub-folder <c>cifar-10-batches-bin</c>, or in the archive <c>cifar-10-binary.tar.gz</c>.
/// </summary>
/// <remarks>Source: A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009.</remarks>
internal sealed class Cifar10 : DatasetSource
{
    private const string SubFolder = "cifar-10-batches-bin";
    private const string ArchiveName = "cifar-10-binary.tar.gz";
    private const string TestFile = "test_batch.bin";

    private static readonly string[] TrainFiles = [.. Enumerable.Range(1, 5).Select(index => $"data_batch_{index}.bin")];
    private static readonly string[] AllFiles = [.. TrainFiles, TestFile];

    public override string Name => "cifar10";

    public override string Title => "CIFAR-10";

    public override IReadOnlyList<string> ClassNames { get; } =
        ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

    public override int TrainCount => 50_000;

    public override bool MirrorsKeepClass => true;

    internal override IReadOnlyList<RemoteFile> Downloads { get; } =
        [new(new Uri($"https://www.cs.toronto.edu/~kriz/{ArchiveName}"), "c32a1d4ab5d03f1284b67883e8d87530")];

    internal override string DownloadDirectory(string dataDirectory) => dataDirectory;

    internal override string? Locate(string dataDirectory)
    {
        string archive = Path.Combine(dataDirectory, ArchiveName);
        return new[] { dataDirectory, Path.Combine(dataDirectory, SubFolder) }.FirstOrDefault(HasAllFiles)
            ?? (File.Exists(archive) ? archive : null);
    }

    internal override ImageDataset Read(string location)
    {
        IReadOnlyDictionary<string, CifarRecords> records = Directory.Exists(location)
            ? CifarFolder.Read(location, AllFiles)
            : CifarArchive.Read(location, AllFiles);
        return new ImageDataset(
            Name, ClassNames,
            CifarRecords.Join([.. TrainFiles.Select(file => records[file])]),
            CifarRecords.Join([records[TestFile]]));
    }

    private static bool HasAllFiles(string folder) => Array.TrueForAll(AllFiles, file => File.Exists(Path.Combine(folder, file)));
}
