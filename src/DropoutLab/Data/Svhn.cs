using DropoutLab.Data.Images;

namespace DropoutLab.Data;

/// <summary>
/// SVHN, the cropped digits of house numbers: colour images of 32×32 in ten classes, 26,032 of them for testing. For training
/// there are 73,257, and 531,131 easier ones that may be added to them. Read from the authors' MATLAB files, lying in the folder
/// or in its sub-folder <c>svhn</c>.
/// </summary>
/// <remarks>
/// Source: Y. Netzer, T. Wang, A. Coates, A. Bissacco, B. Wu, A. Y. Ng, Reading Digits in Natural Images with Unsupervised
/// Feature Learning, 2011.
/// </remarks>
internal sealed class Svhn : DatasetSource
{
    private const string SubFolder = "svhn";

    private static readonly SvhnPart Train = new("train_32x32.mat", 73_257, "e26dedcc434d2e4c54c9b2d4a06d8373");
    private static readonly SvhnPart Extra = new("extra_32x32.mat", 531_131, "a93ce644f1a588dc4d68dda5feec44a7");
    private static readonly SvhnPart Test = new("test_32x32.mat", 26_032, "eb5a983be6a315427106f1b164d9cef3");

    private readonly SvhnPart testPart;
    private readonly SvhnPart[] trainParts;

    internal Svhn(string name, string title, SvhnPart testPart, params SvhnPart[] trainParts)
    {
        Name = name;
        Title = title;
        this.testPart = testPart;
        this.trainParts = trainParts;
    }

    public override string Name { get; }

    public override string Title { get; }

    public override IReadOnlyList<string> ClassNames { get; } = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

    public override int Channels => 3;

    public override int TrainCount => trainParts.Sum(part => part.Count);

    public override bool MirrorsKeepClass => false;

    internal override IReadOnlyList<RemoteFile> Downloads =>
    [
        .. AllParts.Select(part => new RemoteFile(new Uri($"http://ufldl.stanford.edu/housenumbers/{part.FileName}"), part.Md5)),
    ];

    private SvhnPart[] AllParts => [.. trainParts, testPart];

    /// <summary>The training images of the authors' training set.</summary>
    public static Svhn Standard() => new("svhn", "SVHN", Test, Train);

    /// <summary>These and the additional ones.</summary>
    public static Svhn WithExtra() => new("svhn-extra", "SVHN with the extra images", Test, Train, Extra);

    internal override string DownloadDirectory(string dataDirectory) => Path.Combine(dataDirectory, SubFolder);

    internal override string? Locate(string dataDirectory) =>
        new[] { DownloadDirectory(dataDirectory), dataDirectory }
            .FirstOrDefault(folder => Array.TrueForAll(AllParts, part => File.Exists(Path.Combine(folder, part.FileName))));

    private protected override ImageDataset ReadFiles(string location)
    {
        // Nothing else than the files' checksums is known of the published set; they take their time beside the reading.
        Task<bool> arePublished = Task.Run(() => HaveChecksumsAsync(location));
        SvhnPart[][] parts = [trainParts, [testPart]];
        ImageSet[] sets = new ImageSet[parts.Length];
        ParallelReading.For(parts.Length, index => sets[index] = SvhnFile.Join(
            [.. parts[index].Select(part => SvhnFile.Open(Path.Combine(location, part.FileName)))]));
        return new ImageDataset(Name, ClassNames, sets[0], sets[1]) { IsPublished = arePublished.GetAwaiter().GetResult() };
    }

    private async Task<bool> HaveChecksumsAsync(string folder)
    {
        foreach (RemoteFile file in Downloads)
        {
            string path = Path.Combine(folder, file.Name);
            if (await RemoteFile.Md5OfAsync(path, CancellationToken.None).ConfigureAwait(false) != file.Md5)
                return false;
        }

        return true;
    }
}

/// <summary>One of SVHN's files.</summary>
/// <param name="FileName">Its name.</param>
/// <param name="Count">Images in the official file; any other number above 0 is as good.</param>
/// <param name="Md5">The official file's checksum.</param>
internal sealed record SvhnPart(string FileName, int Count, string Md5);
