namespace DropoutLab.Data.Matlab;

/// <summary>
/// What is wrong with a MATLAB file, to be read after its name. <see cref="MatlabFile"/> puts the name before it.
/// </summary>
internal sealed class MatlabFormatException(string message) : Exception(message)
{
    public static MatlabFormatException Damaged(string how) => new($"is damaged: {how}");
}
