using DropoutLab.Graph;

namespace DropoutLab.Data;

/// <summary>What a network and a recipe must know of a data set, which takes no reading of its data.</summary>
/// <param name="Input">What a datum is: [H, W, C] of images, [F] of a table.</param>
/// <param name="ClassNames">What each label means, by label; empty where a number is predicted.</param>
/// <param name="TrainCount">How many data there are to train on.</param>
/// <param name="MirrorsKeepClass">
/// Whether an image, mirrored left to right, shows the same class: a coat's does, a digit's does not.
/// </param>
public sealed record DatasetDescription(Shape Input, IReadOnlyList<string> ClassNames, int TrainCount, bool MirrorsKeepClass)
{
    /// <summary>The network's outputs: logits, or the number to predict.</summary>
    public int OutputCount => Math.Max(1, ClassNames.Count);

    /// <summary>The same where a part of the training set is put aside.</summary>
    /// <param name="validation">The part, in (0, 1); null for none.</param>
    /// <param name="name">The data set's, for a message.</param>
    /// <exception cref="DropoutLabException">It would be none or all of it.</exception>
    public DatasetDescription Without(double? validation, string name) => validation is { } part
        ? this with { TrainCount = HeldOut.Split(TrainCount, part, $"{name}'s training set").Kept.Length }
        : this;
}
