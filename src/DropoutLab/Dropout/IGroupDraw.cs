namespace DropoutLab.Dropout;

/// <summary>Draws the mask of one datum, 64 features at a time.</summary>
internal interface IGroupDraw<TSelf> where TSelf : struct, IGroupDraw<TSelf>
{
    /// <summary>What does not depend on the feature, worked out once.</summary>
    static abstract TSelf Row(in MaskStream stream, uint datum);

    /// <summary>Bit i says whether feature 64 · group + i is kept.</summary>
    ulong Group(int group);
}
