using DropoutLab.Data.Images;

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
    private readonly PublishedDigests published;

    private protected CifarSource(
        string subFolder, RemoteFile archive, CifarFormat format, CifarFile[] trainFiles, CifarFile testFile,
        PublishedDigests published)
    {
        this.subFolder = subFolder;
        this.archive = archive;
        this.format = format;
        this.trainFiles = trainFiles;
        this.testFile = testFile;
        this.published = published;
    }

    public override int Channels => 3;

    public override int TrainCount => trainFiles.Sum(file => file.RecordCount);

    public override bool MirrorsKeepClass => true;

    internal override IReadOnlyList<RemoteFile> Downloads => [archive];

    private CifarFile[] AllFiles => [.. trainFiles, testFile];

    internal override string DownloadDirectory(string dataDirectory) => dataDirectory;

    internal override string? Locate(string dataDirectory)
    {
        // What bears the set's name comes first: the records' names, such as train.bin, may be another set's.
        string folder = Path.Combine(dataDirectory, subFolder), archivePath = Path.Combine(dataDirectory, archive.Name);
        return HasAllFiles(folder) ? folder
            : File.Exists(archivePath) ? archivePath
            : HasAllFiles(dataDirectory) ? dataDirectory : null;
    }

    private protected override ImageDataset ReadFiles(string location)
    {
        IReadOnlyDictionary<string, CifarRecords> records = Directory.Exists(location)
            ? CifarFolder.Read(location, format, AllFiles)
            : CifarArchive.Read(location, format, AllFiles);
        ImageDataset data = new(
            Name, ClassNames,
            CifarRecords.Join([.. trainFiles.Select(file => records[file.Name])]),
            CifarRecords.Join([records[testFile.Name]]));
        return data with { IsPublished = published.Fit(data) };
    }

    private bool HasAllFiles(string folder) => Array.TrueForAll(AllFiles, file => File.Exists(Path.Combine(folder, file.Name)));
}
