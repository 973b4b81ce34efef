namespace Harbour
{
    public static class Berth
    {
        public static string Name => "berth of " + typeof(Berth).Assembly.GetName().Version.ToString(3);
    }
}
