using DropoutLab.Data.Images;
using DropoutLab.Graph;

namespace DropoutLab.Data;

/// <summary>A published data set: what it is called, where its files may lie or be had, and how they are read.</summary>
public abstract class DatasetSource
{
    private const int Side = 32;

    private protected DatasetSource()
    {
    }

    /// <summary>The name on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>The name that its authors gave it.</summary>
    public abstract string Title { get; }

    /// <summary>What each label means, by label.</summary>
    public abstract IReadOnlyList<string> ClassNames { get; }

    /// <summary>Numbers that a pixel has: 3 in colour, else 1.</summary>
    public abstract int Channels { get; }

    /// <summary>How many images the published set has to train on; files with another number are read as well.</summary>
    public abstract int TrainCount { get; }

    /// <summary>Whether an image, mirrored left to right, shows the same class: a coat's does, a digit's does not.</summary>
    public abstract bool MirrorsKeepClass { get; }

    /// <summary>What is known of it without its files; its images have 32 pixels a side.</summary>
    public DatasetDescription Description => new(new Shape(Side, Side, Channels), ClassNames, TrainCount, MirrorsKeepClass);

    /// <summary>Black pixels that were added on every side of the authors' images.</summary>
    internal virtual int Margin => 0;

    /// <summary>The authors' files; together they are the whole set.</summary>
    internal abstract IReadOnlyList<RemoteFile> Downloads { get; }

    /// <summary>Where downloaded files go when <paramref name="dataDirectory"/> is the folder for data sets.</summary>
    internal abstract string DownloadDirectory(string dataDirectory);

    /// <summary>The folder or archive that holds the whole set, or null where it is not at hand.</summary>
    internal abstract string? Locate(string dataDirectory);

    /// <summary>Reads the set from what <see cref="Locate"/> found.</summary>
    /// <exception cref="DropoutLabException">
    /// A file cannot be read, or is not what its name says; the message says what to do then.
    /// </exception>
    internal ImageDataset Read(string location)
    {
        try
        {
            return ReadFiles(location) with { Location = location };
        }
        catch (DropoutLabException exception) when (exception.DamagedFile is { } file)
        {
            throw new DropoutLabException($"{exception.Message}; {RemedyFor(file)}", exception) { DamagedFile = file };
        }
    }

    /// <summary>Reads the set, and says whether it is the published one.</summary>
    /// <exception cref="DropoutLabException">A file cannot be read; or with its name, it is not what that says.</exception>
    private protected abstract ImageDataset ReadFiles(string location);

    /// <summary>What brings a whole file in a damaged one's place, as the end of an error.</summary>
    private protected virtual string RemedyFor(string file) => "delete it to have it downloaded again";
}
