using System.IO.Hashing;
using DropoutLab.Exchange;
using DropoutLab.Storage;
using DropoutLab.Training;

namespace DropoutLab.Runs;

/// <summary>A file whose weights a run begins with, where names and shapes fit: see <see cref="TorchWeights"/>.</summary>
/// <param name="File">Where the run found it.</param>
/// <param name="Digest">128 bits (XXH3) of what is in it, in hexadecimal.</param>
public sealed record WeightFile(string File, string Digest)
{
    /// <summary>A file as it is now.</summary>
    /// <exception cref="DropoutLabException">It cannot be read.</exception>
    public static WeightFile Of(string path)
    {
        string full = Path.GetFullPath(path);
        try
        {
            using FileStream stream = System.IO.File.OpenRead(full);
            XxHash128 hash = new();
            hash.Append(stream);
            return new WeightFile(full, Convert.ToHexStringLower(hash.GetCurrentHash()));
        }
        catch (Exception exception) when (FileFailure.Is(exception))
        {
            throw FileFailure.Reading(path, exception);
        }
    }

    /// <summary>Sets a trainer's parameters, before its first step.</summary>
    /// <returns>The names of those that were set.</returns>
    /// <exception cref="DropoutLabException">The file is gone, another, damaged, or nothing in it fits.</exception>
    public IReadOnlyList<string> Load(Trainer trainer)
    {
        if (Of(File).Digest is var now && now != Digest)
            throw new DropoutLabException(
                $"{File} is another file than the run was to begin with (digest {Digest}, now {now}): bring that back");
        return TorchWeights.Read(File, trainer.Network, trainer.Parameters);
    }
}
