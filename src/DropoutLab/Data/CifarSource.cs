namespace DropoutLab.Data;

/// <summary>
/// Images that the CIFAR sets' authors publish as binary records: read from the folder, from the sub-folder that the archive
/// unpacks to, or from the archive itself.
/// </summary>
/// <remarks>Source: A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009.</remarks>
internal abstract class CifarSource : DatasetSource
{
    private readonly string subFolder;
    private readonly RemoteFile archive;
    private readonly CifarFormat format;
    private readonly CifarFile[] trainFiles;
    private readonly CifarFile testFile;

    private protected CifarSource(
        string subFolder, RemoteFile archive, CifarFormat format, CifarFile[] trainFiles, CifarFile testFile)
    {
        this.subFolder = subFolder;
        this.archive = archive;
        this.format = format;
        this.trainFiles = trainFiles;
        this.testFile = testFile;
    }

    public override int Channels => 3;

    public override int TrainCount => trainFiles.Sum(file => file.RecordCount);

    public override bool MirrorsKeepClass => true;

    internal override IReadOnlyList<RemoteFile> Downloads => [archive];

    private CifarFile[] AllFiles => [.. trainFiles, testFile];

    internal override string DownloadDirectory(string dataDirectory) => dataDirectory;

    internal override string? Locate(string dataDirectory)
    {
        string archivePath = Path.Combine(dataDirectory, archive.Name);
        return new[] { dataDirectory, Path.Combine(dataDirectory, subFolder) }.FirstOrDefault(HasAllFiles)
            ?? (File.Exists(archivePath) ? archivePath : null);
    }

    internal override ImageDataset Read(string location)
    {
        IReadOnlyDictionary<string, CifarRecords> records = Directory.Exists(location)
            ? CifarFolder.Read(location, format, AllFiles)
            : CifarArchive.Read(location, format, AllFiles);
        return new ImageDataset(
            Name, ClassNames,
            CifarRecords.Join([.. trainFiles.Select(file => records[file.Name])]),
            CifarRecords.Join([records[testFile.Name]]));
    }

    private bool HasAllFiles(string folder) => Array.TrueForAll(AllFiles, file => File.Exists(Path.Combine(folder, file.Name)));
}
