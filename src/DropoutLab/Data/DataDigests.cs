using DropoutLab.Data.Images;

namespace DropoutLab.Data;

/// <summary>Tells a data set from others, the same data in another order among them.</summary>
/// <param name="Train">The <see cref="BatchSource.Digest"/> of what is trained on.</param>
/// <param name="Test">That of what is evaluated.</param>
public sealed record DataDigests(string Train, string Test)
{
    /// <summary>Refuses data that are not those that these digests are of.</summary>
    /// <param name="what">What was done with those, as an error begins: "FOLDER holds a run".</param>
    /// <param name="dataset">The data set's name, and where it lies.</param>
    /// <param name="atHand">Of the data that are there now.</param>
    /// <exception cref="DropoutLabException">They are others.</exception>
    internal void Require(string what, string dataset, DataDigests atHand)
    {
        if (atHand == this)
            return;
        string sets = atHand.Test == Test ? "training set" : atHand.Train == Train ? "test set" : "training and test sets";
        (string found, string mine) = atHand.Train == Train ? (atHand.Test, Test) : (atHand.Train, Train);
        throw new DropoutLabException(
            $"{what} on other data than those at hand: the {sets} of {dataset} had other data or another order "
            + $"(digest {mine}, now {found}): bring those back, or begin anew elsewhere");
    }
}

/// <summary>What images and labels of a published set are known by, in whatever order they are.</summary>
/// <param name="Train">The <see cref="ImageSet.DigestInAnyOrder"/> of those to train on.</param>
/// <param name="Test">That of those to test on.</param>
internal sealed record PublishedDigests(string Train, string Test)
{
    /// <summary>Whether a set is the published one.</summary>
    public bool Fit(ImageDataset data) => data.Train.DigestInAnyOrder == Train && data.Test.DigestInAnyOrder == Test;
}
