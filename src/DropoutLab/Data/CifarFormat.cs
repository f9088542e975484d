namespace DropoutLab.Data;

/// <summary>
/// What a record of one of the CIFAR sets begins with. All of them go on with 1,024 red, 1,024 green and 1,024 blue bytes, row by
/// row.
/// </summary>
/// <param name="Title">The set's name, for errors.</param>
/// <param name="LabelLength">Label bytes of a record.</param>
/// <param name="LabelPosition">Which of them is read, counted from 0.</param>
/// <param name="ClassCount">Labels are below this.</param>
internal sealed record CifarFormat(string Title, int LabelLength, int LabelPosition, int ClassCount)
{
    public int RecordLength => LabelLength + CifarRecords.ImageLength;
}
