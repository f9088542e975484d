using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using DropoutLab.Graph;
using DropoutLab.Storage;

namespace DropoutLab.Data.Images;

/// <summary>
/// A data set of pictures in folders by class, as torchvision's ImageFolder has them: DIR/train/CLASS/*.png, *.jpg or *.jpeg, and
/// the same below DIR/test, at any depth below a class. Classes are in the order of their names, pictures in that of their paths.
/// </summary>
public sealed class ImageFolder
{
    /// <summary>The side of the pictures where none is asked for.</summary>
    public const int UsualImageSize = 32;

    private const string TrainName = "train", TestName = "test", PixelsName = "pixels", CacheName = "folders";
    private const int Channels = 3;

    private readonly string path;
    private readonly int side;

    /// <param name="path">DIR.</param>
    /// <param name="imageSize">The height and width that pictures are brought to.</param>
    /// <exception cref="DropoutLabException">There is no such folder, or it has no classes.</exception>
    public ImageFolder(string path, int imageSize = UsualImageSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(imageSize, 1);
        (this.path, side) = (path, imageSize);
        ClassNames = Classes(TrainName);
        if (ClassNames.Count > byte.MaxValue + 1)
            throw Wrong($"{path} has {ClassNames.Count} classes: {byte.MaxValue + 1} can be told apart");
    }

    /// <summary>The names of DIR/train's folders, in their order.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>What is known without reading a picture.</summary>
    /// <exception cref="DropoutLabException">A class has no picture.</exception>
    public DatasetDescription Describe() =>
        new(new Shape(side, side, Channels), ClassNames, Files(TrainName).Paths.Length, MirrorsKeepClass: true);

    /// <summary>
    /// Reads all pictures; decoded once, they are kept in a file below <paramref name="cache"/> until one of them changes.
    /// </summary>
    /// <param name="cache">The folder for data sets: see <see cref="DataDirectory"/>.</param>
    /// <param name="cancellation">Ends reading.</param>
    /// <exception cref="DropoutLabException">
    /// A picture is damaged, a class has none, or the test set has a class that the training set lacks.
    /// </exception>
    public ImageDataset Read(string cache, CancellationToken cancellation = default)
    {
        if (Classes(TestName).Except(ClassNames).FirstOrDefault() is { } foreign)
            throw Wrong(
                $"{Path.Combine(path, TestName, foreign)} is a class that the training set lacks: it has "
                    + $"{string.Join(", ", ClassNames)}");
        string name = DataChoice.FolderPrefix + DataChoice.ShortName(path);
        return new ImageDataset(name, ClassNames, Set(TrainName, cache, cancellation), Set(TestName, cache, cancellation))
        {
            Location = path,
        };
    }

    private ImageSet Set(string part, string cache, CancellationToken cancellation)
    {
        (string[] paths, byte[] labels) = Files(part);
        string place = CachePlace(part), file = Path.Combine(cache, CacheName, $"{place}-{Stamp(paths)}.safetensors");
        int[] shape = [paths.Length, side, side, Channels];
        if (Cached(file, shape) is { } known)
            return new ImageSet(side, side, Channels, known, labels);
        byte[] pixels = Pictures.Pixels(paths, side, side, Channels, margin: 0, cancellation);
        Keep(file, place, NamedArray.Create<byte>(PixelsName, shape, pixels));
        return new ImageSet(side, side, Channels, pixels, labels);
    }

    private IReadOnlyList<string> Classes(string part)
    {
        string folder = Path.Combine(path, part);
        if (!Directory.Exists(folder))
            throw Wrong(
                $"there is no folder {folder}: pictures lie in {Path.Combine(path, TrainName, "CLASS")} and "
                    + $"{Path.Combine(path, TestName, "CLASS")}");
        string[] names =
            [.. Directory.GetDirectories(folder).Select(name => Path.GetFileName(name)!).Order(StringComparer.Ordinal)];
        return names.Length > 0 ? names : throw Wrong($"{folder} has no folder: pictures lie in one for each class");
    }

    private (string[] Paths, byte[] Labels) Files(string part)
    {
        List<string> paths = [];
        List<byte> labels = [];
        foreach (string name in Classes(part))
        {
            byte label = (byte)ClassNames.Index().FirstOrDefault(own => own.Item == name).Index;
            string folder = Path.Combine(path, part, name);
            string[] own =
            [
                .. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(Pictures.IsPicture)
                    .Order(StringComparer.Ordinal),
            ];
            if (own.Length == 0)
                throw Wrong($"{folder} has no picture: .png, .jpg or .jpeg files are needed");
            paths.AddRange(own);
            labels.AddRange(Enumerable.Repeat(label, own.Length));
        }

        return ([.. paths], [.. labels]);
    }

    private DropoutLabException Wrong(string message) =>
        new(message, SettingName.Dataset, DataChoice.FolderPrefix + path);

    /// <summary>What the files of a part in this size are called by, whatever is in them.</summary>
    private string CachePlace(string part) =>
        Convert.ToHexStringLower(XxHash64.Hash(Encoding.UTF8.GetBytes(Path.GetFullPath(Path.Combine(path, part))))) + $"-{side}";

    /// <summary>Another wherever a file has another name, length or time.</summary>
    private static string Stamp(string[] paths)
    {
        XxHash128 stamp = new();
        foreach (string file in paths)
        {
            FileInfo info = new(file);
            stamp.Append(Encoding.UTF8.GetBytes(file));
            stamp.Append(MemoryMarshal.AsBytes<long>([info.Length, info.LastWriteTimeUtc.Ticks]));
        }

        return Convert.ToHexStringLower(stamp.GetCurrentHash());
    }

    private static byte[]? Cached(string file, int[] shape)
    {
        try
        {
            return File.Exists(file) ? SafetensorsFile.Read(file).Values<byte>(PixelsName, shape).ToArray() : null;
        }
        catch (DropoutLabException)
        {
            return null; // A damaged one is made anew.
        }
    }

    /// <summary>Keeps what was decoded in place of what was there. Where nothing can be kept, it is decoded anew.</summary>
    private static void Keep(string file, string place, NamedArray pixels)
    {
        string folder = Path.GetDirectoryName(file)!;
        try
        {
            Directory.CreateDirectory(folder);
            SafetensorsFile.Write(file, [pixels], new Dictionary<string, string>());
            foreach (string older in Directory.GetFiles(folder, $"{place}-*").Where(older => older != file))
                File.Delete(older);
        }
        catch (Exception exception) when (exception is DropoutLabException || FileFailure.Is(exception))
        {
        }
    }
}
