using DropoutLab.Data.Images;

namespace DropoutLab.Data;

/// <summary>What images and labels of a published set are known by, in whatever order they are.</summary>
/// <param name="Train">The <see cref="ImageSet.DigestInAnyOrder"/> of those to train on.</param>
/// <param name="Test">That of those to test on.</param>
internal sealed record PublishedDigests(string Train, string Test)
{
    /// <summary>Whether a set is the published one.</summary>
    public bool Fit(ImageDataset data) => data.Train.DigestInAnyOrder == Train && data.Test.DigestInAnyOrder == Test;
}
